"""What CloudFormation needs of AWS for the resource types of a stage, with all of its options."""

from collections.abc import Mapping
from dataclasses import dataclass

REST = "apigateway:DELETE apigateway:GET apigateway:PATCH apigateway:POST apigateway:PUT"
PASSED_TO = ("codedeploy.amazonaws.com", "lambda.amazonaws.com", "scheduler.amazonaws.com")

# Resources, by the installation's name where AWS lets a name be given or makes one of the stack's.
FUNCTION = "lambda:{here}:function:{name}-*"
# A layer has the logical id as its name, a mapping and an API have ids of AWS.
LAYER = "lambda:{here}:layer:Layers*"
MAPPING = "lambda:{here}:event-source-mapping:*"
APIS = ("apigateway:{region}::/apis", "apigateway:{region}::/apis/*")
DOMAINS = ("apigateway:{region}::/domainnames", "apigateway:{region}::/domainnames/*")
ROLE, POLICY = "iam::{account}:role/{name}-*", "iam::{account}:policy/{name}-*"
ALARM, DASHBOARD = "cloudwatch:{here}:alarm:{name}-*", "cloudwatch::{account}:dashboard/{name}-*"
APPLICATION = "codedeploy:{here}:application:{name}-*"
GROUP = "codedeploy:{here}:deploymentgroup:{name}-*"
SHIFTS = "codedeploy:{here}:deploymentconfig:CodeDeployDefault.*"
TABLE, QUEUE, TOPIC = "dynamodb:{here}:table/{name}-*", "sqs:{here}:{name}-*", "sns:{here}:{name}-*"
BUS, RULE = "events:{here}:event-bus/{name}-*", "events:{here}:rule/{name}-*"
ARCHIVE = "events:{here}:archive/{name}-*"
LOGS = (
    "logs:{here}:log-group:/aws/lambda/{name}-*",
    "logs:{here}:log-group:/aws/vendedlogs/{name}-*",
)
PARAMETER, SECRET = "ssm:{here}:parameter/{name}/*", "secretsmanager:{here}:secret:{name}/*"
SCHEDULE = "scheduler:{here}:schedule/{name}-*"
SCHEDULES = "scheduler:{here}:schedule-group/{name}-*"
CODE = "s3:::cdk-{qualifier}-assets-{account}-{region}/*"
VERSION = "ssm:{here}:parameter/cdk-bootstrap/{qualifier}/version"
# What one stack reads of another (`Fn::GetStackOutput`).
STACKS = "cloudformation:{here}:stack/{name}-*/*"
API_GATEWAY = "ops.apigateway.amazonaws.com"
# API Gateway makes it with the caller's rights, at the first domain of an account.
API_GATEWAYS_ROLE = (
    f"iam::{{account}}:role/aws-service-role/{API_GATEWAY}/AWSServiceRoleForAPIGateway"
)
# These actions know no resource, or a question about all of them.
ANY = "*"

type Condition = Mapping[str, Mapping[str, str | tuple[str, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """Actions on resources, each without `arn:` and the partition, under a condition."""

    actions: tuple[str, ...]
    on: tuple[str, ...]
    only: Condition | None = None


def _may(actions: str, *on: str, only: Condition | None = None) -> Right:
    return Right(actions=tuple(actions.split()), on=on, only=only)


def _of(service: str, actions: str, *on: str) -> Right:
    return Right(actions=tuple(f"{service}:{each}" for each in actions.split()), on=on)


PASS = _may("iam:PassRole", ROLE, only={"StringEquals": {"iam:PassedToService": PASSED_TO}})
READ_CODE = _may("s3:GetObject s3:GetObjectVersion", CODE)
OF_OUR_FUNCTIONS = {"ArnLike": {"lambda:FunctionArn": FUNCTION}}
OUR_POLICIES = {"ArnLike": {"iam:PolicyARN": POLICY}}

RIGHTS: Mapping[str, tuple[Right, ...]] = {
    "AWS::ApiGatewayV2::Api": (_may(REST, *APIS, "apigateway:{region}::/tags/*"),),
    "AWS::ApiGatewayV2::ApiMapping": (_may(REST, *DOMAINS),),
    "AWS::ApiGatewayV2::DomainName": (
        _may(
            f"{REST} apigateway:AddCertificateToDomain apigateway:RemoveCertificateFromDomain",
            *DOMAINS,
        ),
        _may(
            "iam:CreateServiceLinkedRole",
            API_GATEWAYS_ROLE,
            only={"StringEquals": {"iam:AWSServiceName": (API_GATEWAY,)}},
        ),
    ),
    "AWS::ApiGatewayV2::Integration": (_may(REST, *APIS),),
    "AWS::ApiGatewayV2::Route": (_may(REST, *APIS),),
    "AWS::ApiGatewayV2::Stage": (
        _may(REST, *APIS),
        # For its access log.
        _of(
            "logs",
            "CreateLogDelivery DeleteLogDelivery DescribeLogGroups DescribeResourcePolicies"
            " GetLogDelivery ListLogDeliveries PutResourcePolicy UpdateLogDelivery",
            ANY,
        ),
    ),
    "AWS::CloudWatch::Alarm": (
        _of("cloudwatch", "DeleteAlarms ListTagsForResource PutMetricAlarm", ALARM),
        _of("cloudwatch", "DescribeAlarms TagResource UntagResource", ALARM),
    ),
    "AWS::CloudWatch::Dashboard": (
        _of("cloudwatch", "DeleteDashboards GetDashboard PutDashboard", DASHBOARD),
        _of("cloudwatch", "ListTagsForResource TagResource UntagResource", DASHBOARD),
    ),
    "AWS::CodeDeploy::Application": (
        _of("codedeploy", "CreateApplication DeleteApplication GetApplication", APPLICATION),
        _of("codedeploy", "ListTagsForResource TagResource UntagResource", APPLICATION),
    ),
    "AWS::CodeDeploy::DeploymentGroup": (
        _of("codedeploy", "CreateDeployment CreateDeploymentGroup DeleteDeploymentGroup", GROUP),
        _of("codedeploy", "GetDeployment GetDeploymentGroup ListDeployments", GROUP),
        _of("codedeploy", "ListTagsForResource TagResource UntagResource", GROUP),
        _of("codedeploy", "UpdateDeploymentGroup", GROUP),
        _of("codedeploy", "StopDeployment", ANY),
        _of("codedeploy", "GetApplicationRevision RegisterApplicationRevision", APPLICATION),
        _of("codedeploy", "GetDeploymentConfig", SHIFTS),
        PASS,
    ),
    "AWS::DynamoDB::Table": (
        _of("dynamodb", "CreateTable DeleteTable DescribeTable UpdateTable", TABLE),
        _of("dynamodb", "DescribeContinuousBackups UpdateContinuousBackups", TABLE),
        _of("dynamodb", "DescribeContributorInsights UpdateContributorInsights", TABLE),
        _of("dynamodb", "DescribeKinesisStreamingDestination DescribeTimeToLive", TABLE),
        _of("dynamodb", "UpdateTimeToLive GetResourcePolicy", TABLE),
        _of("dynamodb", "ListTagsOfResource TagResource UntagResource", TABLE),
    ),
    "AWS::Events::Archive": (
        _of("events", "CreateArchive", ARCHIVE, BUS),
        _of("events", "DeleteArchive DescribeArchive UpdateArchive", ARCHIVE),
    ),
    "AWS::Events::EventBus": (
        _of("events", "CreateEventBus DeleteEventBus DescribeEventBus UpdateEventBus", BUS),
        _of("events", "PutPermission RemovePermission", ANY),
        _of("events", "ListTagsForResource TagResource UntagResource", BUS),
    ),
    "AWS::Events::EventBusPolicy": (
        _of("events", "DescribeEventBus", BUS),
        _of("events", "PutPermission RemovePermission", ANY),
    ),
    "AWS::Events::Rule": (
        _of("events", "DeleteRule DescribeRule PutRule", RULE),
        _of("events", "ListTargetsByRule PutTargets RemoveTargets", RULE),
        _of("events", "ListTagsForResource TagResource UntagResource", RULE),
    ),
    "AWS::IAM::ManagedPolicy": (
        _of("iam", "CreatePolicy CreatePolicyVersion DeletePolicy DeletePolicyVersion", POLICY),
        _of("iam", "GetPolicy GetPolicyVersion ListEntitiesForPolicy ListPolicyVersions", POLICY),
        _may("iam:AttachRolePolicy iam:DetachRolePolicy", ROLE, only=OUR_POLICIES),
    ),
    "AWS::IAM::Role": (
        _of("iam", "CreateRole DeleteRole GetRole UpdateRole UpdateRoleDescription", ROLE),
        _of("iam", "UpdateAssumeRolePolicy PutRolePermissionsBoundary TagRole UntagRole", ROLE),
        _of("iam", "GetRolePolicy ListAttachedRolePolicies ListRolePolicies", ROLE),
        _may("iam:AttachRolePolicy iam:DetachRolePolicy", ROLE, only=OUR_POLICIES),
    ),
    "AWS::Lambda::Alias": (
        _of("lambda", "CreateAlias DeleteAlias GetAlias UpdateAlias", FUNCTION),
        _of("lambda", "GetProvisionedConcurrencyConfig", FUNCTION),
        _of("codedeploy", "CreateDeployment GetDeployment GetDeploymentGroup", GROUP),
        _of("codedeploy", "StopDeployment", ANY),
        _of("codedeploy", "GetDeploymentConfig", SHIFTS),
    ),
    "AWS::Lambda::EventInvokeConfig": (
        _of("lambda", "DeleteFunctionEventInvokeConfig GetFunctionEventInvokeConfig", FUNCTION),
        _of("lambda", "PutFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig", FUNCTION),
    ),
    "AWS::Lambda::EventSourceMapping": (
        _may("lambda:CreateEventSourceMapping", ANY, only=OF_OUR_FUNCTIONS),
        _may(
            "lambda:DeleteEventSourceMapping lambda:UpdateEventSourceMapping",
            MAPPING,
            only=OF_OUR_FUNCTIONS,
        ),
        _of("lambda", "GetEventSourceMapping ListTags TagResource UntagResource", MAPPING),
    ),
    "AWS::Lambda::Function": (
        _of("lambda", "CreateFunction DeleteFunction GetFunction PublishVersion", FUNCTION),
        _of("lambda", "UpdateFunctionCode UpdateFunctionConfiguration", FUNCTION),
        _of("lambda", "DeleteFunctionConcurrency PutFunctionConcurrency", FUNCTION),
        _of("lambda", "GetFunctionCodeSigningConfig GetFunctionRecursionConfig", FUNCTION),
        _of("lambda", "GetFunctionScalingConfig GetRuntimeManagementConfig", FUNCTION),
        _of("lambda", "PutFunctionRecursionConfig PutRuntimeManagementConfig", FUNCTION),
        _of("lambda", "TagResource UntagResource", FUNCTION),
        _of("lambda", "GetLayerVersion", LAYER),
        _of("ec2", "DescribeSecurityGroups DescribeSubnets DescribeVpcs", ANY),
        _of("cloudformation", "DescribeStacks", STACKS),
        READ_CODE,
        PASS,
    ),
    "AWS::Lambda::LayerVersion": (
        _of("lambda", "DeleteLayerVersion GetLayerVersion PublishLayerVersion", LAYER),
        READ_CODE,
    ),
    "AWS::Lambda::Permission": (
        _of("lambda", "AddPermission GetPolicy RemovePermission", FUNCTION),
    ),
    "AWS::Lambda::Version": (
        _of("lambda", "DeleteFunction GetFunctionConfiguration PublishVersion", FUNCTION),
        _of("lambda", "GetFunctionScalingConfig GetProvisionedConcurrencyConfig", FUNCTION),
        _of("lambda", "GetRuntimeManagementConfig ListVersionsByFunction", FUNCTION),
        _of("lambda", "PutRuntimeManagementConfig", FUNCTION),
    ),
    "AWS::Logs::LogGroup": (
        _of("logs", "CreateLogGroup DeleteLogGroup DeleteRetentionPolicy", *LOGS),
        _of("logs", "PutRetentionPolicy GetDataProtectionPolicy", *LOGS),
        _of("logs", "ListTagsForResource TagResource UntagResource", *LOGS),
        _of("logs", "DescribeIndexPolicies DescribeLogGroups", ANY),
    ),
    "AWS::SNS::Subscription": (
        _of("sns", "Subscribe Unsubscribe", TOPIC),
        _of("sns", "GetSubscriptionAttributes SetSubscriptionAttributes", TOPIC),
    ),
    "AWS::SNS::Topic": (
        _of("sns", "CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes", TOPIC),
        _of("sns", "GetDataProtectionPolicy ListSubscriptionsByTopic", TOPIC),
        _of("sns", "ListTagsForResource TagResource UntagResource", TOPIC),
    ),
    "AWS::SNS::TopicPolicy": (_of("sns", "SetTopicAttributes", TOPIC),),
    "AWS::SQS::Queue": (
        _of("sqs", "CreateQueue DeleteQueue GetQueueAttributes GetQueueUrl", QUEUE),
        _of("sqs", "SetQueueAttributes ListQueueTags TagQueue UntagQueue", QUEUE),
    ),
    "AWS::SQS::QueuePolicy": (_of("sqs", "SetQueueAttributes", QUEUE),),
    "AWS::SSM::Parameter": (
        _of("ssm", "DeleteParameter GetParameters PutParameter", PARAMETER),
        _of("ssm", "AddTagsToResource ListTagsForResource RemoveTagsFromResource", PARAMETER),
        # Each template asks for the version of the bootstrap.
        _of("ssm", "GetParameters", VERSION),
    ),
    "AWS::Scheduler::Schedule": (
        _of("scheduler", "CreateSchedule DeleteSchedule GetSchedule UpdateSchedule", SCHEDULE),
        PASS,
    ),
    "AWS::Scheduler::ScheduleGroup": (
        _of("scheduler", "CreateScheduleGroup DeleteScheduleGroup GetScheduleGroup", SCHEDULES),
        _of("scheduler", "ListTagsForResource TagResource UntagResource", SCHEDULES),
        _of("scheduler", "DeleteSchedule", SCHEDULE),
    ),
    "AWS::SecretsManager::Secret": (
        _of("secretsmanager", "CreateSecret DeleteSecret DescribeSecret UpdateSecret", SECRET),
        _of("secretsmanager", "GetSecretValue TagResource UntagResource", SECRET),
        _of("secretsmanager", "GetRandomPassword", ANY),
    ),
}


def rights_on_key(key: str) -> tuple[Right, ...]:
    """Return what the types above ask for besides, where a key of yours encrypts them."""
    granted = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return (
        _of("kms", "Decrypt DescribeKey Encrypt GenerateDataKey", key),
        _of("kms", "GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo", key),
        _may("kms:CreateGrant kms:RevokeGrant", key, only=granted),
        _of("logs", "AssociateKmsKey DisassociateKmsKey", *LOGS),
    )
