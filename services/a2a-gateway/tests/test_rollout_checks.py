"""What a rollout asks of the gateway before it lets it serve."""

from rollout.checks import CHECKS, Answer


def failing(world):
    return [check.what for check in CHECKS["a2a-gateway"] if not check.passes(answered(world, check))]


def answered(world, check):
    method = "GET" if check.body is None else "POST"
    answer = world.client.request(method, check.path, content=check.body, headers=dict(check.headers))
    return Answer(answer.status_code, answer.content)


def test_the_gateway_passes_with_a_knowledge_base_and_fails_while_it_has_none(empty, make_world):
    assert failing(make_world()) == []
    empty.is_down = True
    assert len(failing(empty)) == 2
