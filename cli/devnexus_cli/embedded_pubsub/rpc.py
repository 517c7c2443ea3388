"""How a function becomes a gRPC method, and a refusal its status."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias, TypeVar

import grpc

from devnexus_cli.embedded_pubsub.broker import Broker
from devnexus_cli.embedded_pubsub.model import (
    AlreadyExists,
    BrokerError,
    InvalidArgument,
    NotFound,
    OutOfService,
    Unsupported,
    WrongState,
)

Request = TypeVar("Request")
RpcMethod: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
RpcHandlers: TypeAlias = "grpc.GenericRpcHandler[Any, Any]"

_STATUS: Mapping[type[BrokerError], grpc.StatusCode] = {
    NotFound: grpc.StatusCode.NOT_FOUND,
    AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    InvalidArgument: grpc.StatusCode.INVALID_ARGUMENT,
    WrongState: grpc.StatusCode.FAILED_PRECONDITION,
    Unsupported: grpc.StatusCode.UNIMPLEMENTED,
    OutOfService: grpc.StatusCode.UNAVAILABLE,
}


class WireMessage(Protocol):
    """A protobuf message, as far as gRPC needs it."""

    def SerializeToString(self) -> bytes:
        """The message on the wire."""


def method(
    broker: Broker,
    read: Callable[[bytes], Request],
    answer: Callable[[Request, grpc.ServicerContext], WireMessage],
) -> RpcMethod:
    """A unary method that answers a BrokerError with the status it stands for."""

    def respond(asked: Request, context: grpc.ServicerContext) -> WireMessage:
        try:
            broker.check_in_service()
            return answer(asked, context)
        except BrokerError as refusal:
            status, details = _STATUS[type(refusal)], str(refusal)
        except Exception:
            # gRPC logs the traceback. It would answer UNKNOWN, which a publisher retries for ten minutes.
            context.set_code(grpc.StatusCode.DATA_LOSS)
            raise
        context.abort(status, details)

    return grpc.unary_unary_rpc_method_handler(
        respond,
        request_deserializer=read,
        response_serializer=_serialize,
    )


def _serialize(message: WireMessage) -> bytes:
    return message.SerializeToString()
