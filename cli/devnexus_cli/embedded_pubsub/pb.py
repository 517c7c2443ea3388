"""The client library's messages without their proto-plus cover, which costs ten times the time.

A type checker sees the covered types: their fields have the same names, and only they have annotations.
"""

from typing import TYPE_CHECKING

from google.pubsub_v1 import types

if TYPE_CHECKING:
    from google.pubsub_v1.types import AcknowledgeRequest as AcknowledgeRequest
    from google.pubsub_v1.types import DeadLetterPolicy as DeadLetterPolicy
    from google.pubsub_v1.types import DeleteSubscriptionRequest as DeleteSubscriptionRequest
    from google.pubsub_v1.types import DeleteTopicRequest as DeleteTopicRequest
    from google.pubsub_v1.types import GetSubscriptionRequest as GetSubscriptionRequest
    from google.pubsub_v1.types import GetTopicRequest as GetTopicRequest
    from google.pubsub_v1.types import ListSubscriptionsRequest as ListSubscriptionsRequest
    from google.pubsub_v1.types import ListSubscriptionsResponse as ListSubscriptionsResponse
    from google.pubsub_v1.types import ListTopicsRequest as ListTopicsRequest
    from google.pubsub_v1.types import ListTopicsResponse as ListTopicsResponse
    from google.pubsub_v1.types import ModifyAckDeadlineRequest as ModifyAckDeadlineRequest
    from google.pubsub_v1.types import PublishRequest as PublishRequest
    from google.pubsub_v1.types import PublishResponse as PublishResponse
    from google.pubsub_v1.types import PubsubMessage as PubsubMessage
    from google.pubsub_v1.types import PullRequest as PullRequest
    from google.pubsub_v1.types import PullResponse as PullResponse
    from google.pubsub_v1.types import PushConfig as PushConfig
    from google.pubsub_v1.types import ReceivedMessage as ReceivedMessage
    from google.pubsub_v1.types import RetryPolicy as RetryPolicy
    from google.pubsub_v1.types import Subscription as Subscription
    from google.pubsub_v1.types import Topic as Topic
    from google.pubsub_v1.types import UpdateSubscriptionRequest as UpdateSubscriptionRequest
else:
    AcknowledgeRequest = types.AcknowledgeRequest.pb()
    DeadLetterPolicy = types.DeadLetterPolicy.pb()
    DeleteSubscriptionRequest = types.DeleteSubscriptionRequest.pb()
    DeleteTopicRequest = types.DeleteTopicRequest.pb()
    GetSubscriptionRequest = types.GetSubscriptionRequest.pb()
    GetTopicRequest = types.GetTopicRequest.pb()
    ListSubscriptionsRequest = types.ListSubscriptionsRequest.pb()
    ListSubscriptionsResponse = types.ListSubscriptionsResponse.pb()
    ListTopicsRequest = types.ListTopicsRequest.pb()
    ListTopicsResponse = types.ListTopicsResponse.pb()
    ModifyAckDeadlineRequest = types.ModifyAckDeadlineRequest.pb()
    PublishRequest = types.PublishRequest.pb()
    PublishResponse = types.PublishResponse.pb()
    PubsubMessage = types.PubsubMessage.pb()
    PullRequest = types.PullRequest.pb()
    PullResponse = types.PullResponse.pb()
    PushConfig = types.PushConfig.pb()
    ReceivedMessage = types.ReceivedMessage.pb()
    RetryPolicy = types.RetryPolicy.pb()
    Subscription = types.Subscription.pb()
    Topic = types.Topic.pb()
    UpdateSubscriptionRequest = types.UpdateSubscriptionRequest.pb()
