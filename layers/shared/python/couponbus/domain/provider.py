"""The providers that are polled for redemptions."""

from enum import StrEnum


class Provider(StrEnum):
    """Also the last part of the source of their events: `couponbus.uniqodo`."""

    UNIQODO = "uniqodo"
    KOUPON = "koupon"
