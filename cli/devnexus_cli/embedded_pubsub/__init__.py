"""A Pub/Sub on one machine: Google's gRPC API, served from memory, for laptops, tests and benchmarks.

The real client talks to it unchanged when PUBSUB_EMULATOR_HOST names its address. It has what our
services use and no more: topics, subscriptions, unary pull, acknowledge, lease changes, push in the
wrapped envelope, retry policies and dead letters.

What it is not:

- nothing is persisted: ending the process forgets topics, subscriptions and messages;
- no order is promised, retention never removes a message, a project is only a part of a name;
- what it lacks it refuses as UNIMPLEMENTED instead of ignoring it: StreamingPull, filters, message ordering,
  exactly-once delivery, unwrapped push, push with a token, export subscriptions, snapshots, schemas;
- no IAM: whoever reaches the port may do everything;
- pushes go out at once, at most eight at a time for each subscription, without production's slow start;
- a lease ends exactly at its deadline, and backoff doubles from the minimum to the maximum without jitter,
  where production promises its best effort.
"""
