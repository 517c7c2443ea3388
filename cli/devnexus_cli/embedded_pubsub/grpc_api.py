"""The methods of google.pubsub.v1 that our services call; gRPC answers UNIMPLEMENTED for the others."""

import grpc
from google.protobuf.empty_pb2 import Empty

from devnexus_cli.embedded_pubsub import pb, wire
from devnexus_cli.embedded_pubsub.broker import Broker
from devnexus_cli.embedded_pubsub.rpc import RpcHandlers, RpcMethod, method

_PULL_WAIT_S = 1.0
"""How long an empty pull waits for a message. Each one that waits holds a thread of the server."""


class PublisherApi:
    """google.pubsub.v1.Publisher."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def handler(self) -> RpcHandlers:
        """What a gRPC server needs to serve it."""
        methods: dict[str, RpcMethod] = {
            "CreateTopic": method(self._broker, pb.Topic.FromString, self._create_topic),
            "GetTopic": method(self._broker, pb.GetTopicRequest.FromString, self._get_topic),
            "ListTopics": method(self._broker, pb.ListTopicsRequest.FromString, self._list_topics),
            "DeleteTopic": method(self._broker, pb.DeleteTopicRequest.FromString, self._delete_topic),
            "Publish": method(self._broker, pb.PublishRequest.FromString, self._publish),
        }
        return grpc.method_handlers_generic_handler("google.pubsub.v1.Publisher", methods)

    def _create_topic(self, request: pb.Topic, context: grpc.ServicerContext) -> pb.Topic:
        self._broker.directory.create_topic(request.name)
        return pb.Topic(name=request.name)

    def _get_topic(self, request: pb.GetTopicRequest, context: grpc.ServicerContext) -> pb.Topic:
        self._broker.directory.require_topic(request.topic)
        return pb.Topic(name=request.topic)

    def _list_topics(
        self, request: pb.ListTopicsRequest, context: grpc.ServicerContext
    ) -> pb.ListTopicsResponse:
        """All of them on one page, whatever page size is asked for."""
        names = (name for name in self._broker.directory.topics() if name.startswith(f"{request.project}/"))
        return pb.ListTopicsResponse(topics=[pb.Topic(name=name) for name in names])

    def _delete_topic(self, request: pb.DeleteTopicRequest, context: grpc.ServicerContext) -> Empty:
        self._broker.directory.delete_topic(request.topic)
        return Empty()

    def _publish(self, request: pb.PublishRequest, context: grpc.ServicerContext) -> pb.PublishResponse:
        drafts = [wire.draft(message) for message in request.messages]
        return pb.PublishResponse(message_ids=self._broker.publish(request.topic, drafts))


class SubscriberApi:
    """google.pubsub.v1.Subscriber."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def handler(self) -> RpcHandlers:
        """What a gRPC server needs to serve it."""
        methods: dict[str, RpcMethod] = {
            "CreateSubscription": method(self._broker, pb.Subscription.FromString, self._create),
            "GetSubscription": method(self._broker, pb.GetSubscriptionRequest.FromString, self._get),
            "UpdateSubscription": method(self._broker, pb.UpdateSubscriptionRequest.FromString, self._update),
            "ListSubscriptions": method(self._broker, pb.ListSubscriptionsRequest.FromString, self._list),
            "DeleteSubscription": method(self._broker, pb.DeleteSubscriptionRequest.FromString, self._delete),
            "Pull": method(self._broker, pb.PullRequest.FromString, self._pull),
            "Acknowledge": method(self._broker, pb.AcknowledgeRequest.FromString, self._acknowledge),
            "ModifyAckDeadline": method(self._broker, pb.ModifyAckDeadlineRequest.FromString, self._modify),
        }
        return grpc.method_handlers_generic_handler("google.pubsub.v1.Subscriber", methods)

    def _create(self, request: pb.Subscription, context: grpc.ServicerContext) -> pb.Subscription:
        self._broker.directory.create_subscription(wire.settings(request))
        return self._declared(request.name)

    def _get(self, request: pb.GetSubscriptionRequest, context: grpc.ServicerContext) -> pb.Subscription:
        return self._declared(request.subscription)

    def _update(
        self, request: pb.UpdateSubscriptionRequest, context: grpc.ServicerContext
    ) -> pb.Subscription:
        name = request.subscription.name
        current = self._broker.directory.subscription(name)
        self._broker.directory.update_subscription(wire.updated(current, request))
        return self._declared(name)

    def _list(
        self, request: pb.ListSubscriptionsRequest, context: grpc.ServicerContext
    ) -> pb.ListSubscriptionsResponse:
        """All of them on one page, whatever page size is asked for."""
        declared = self._broker.directory.subscriptions()
        ours = [settings for settings in declared if settings.name.startswith(f"{request.project}/")]
        return pb.ListSubscriptionsResponse(subscriptions=[wire.subscription(settings) for settings in ours])

    def _delete(self, request: pb.DeleteSubscriptionRequest, context: grpc.ServicerContext) -> Empty:
        self._broker.directory.delete_subscription(request.subscription)
        return Empty()

    def _pull(self, request: pb.PullRequest, context: grpc.ServicerContext) -> pb.PullResponse:
        name = request.subscription
        context.add_callback(lambda: self._broker.wake(name))
        deliveries = self._broker.pull(
            name,
            request.max_messages,
            wait_s=0.0 if request.return_immediately else _PULL_WAIT_S,
            given_up=lambda: not context.is_active(),
        )
        return pb.PullResponse(received_messages=[wire.received(delivery) for delivery in deliveries])

    def _acknowledge(self, request: pb.AcknowledgeRequest, context: grpc.ServicerContext) -> Empty:
        self._broker.acknowledge(request.subscription, request.ack_ids)
        return Empty()

    def _modify(self, request: pb.ModifyAckDeadlineRequest, context: grpc.ServicerContext) -> Empty:
        self._broker.modify_ack_deadline(request.subscription, request.ack_ids, request.ack_deadline_seconds)
        return Empty()

    def _declared(self, name: str) -> pb.Subscription:
        return wire.subscription(self._broker.directory.subscription(name))
