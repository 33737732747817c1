"""`couponbus redrive`: send messages without a readable sign-up id to the queue `signups` again."""

from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, on_stage
from couponbus_cli.app.formatting import count
from couponbus_cli.app.world import World

QUEUE = "unidentified"


@on_stage
def redrive(stage: ChosenStage) -> Answer:
    """Send the messages in `unidentified` to `signups` again; safe to interrupt and to repeat."""
    return redriven(stage.open())


def redriven(world: World) -> Answer:
    """Send as many as there are now: what comes back meanwhile is left for the next time."""
    (waiting,) = (depth for depth in world.queues.depths() if depth.queue == QUEUE)
    sent = world.unidentified.send_again(limit=waiting.visible)
    text = f"{count(sent, 'message was', 'messages were')} sent to signups again."
    if sent:
        text += f" What still has no sign-up id comes back to {QUEUE} within minutes."
    return Answer(data={"sent": sent}, shown=[text])
