"""What no file of infra/ does: steps for a person, in order. docs/deployment.md has the commands."""

from collections.abc import Iterator

from deploy_plan.setup import Setup


def before(setup: Setup) -> Iterator[str]:
    """Before `terraform apply`."""
    variables = setup.variables
    yield f"a project {variables.project} with billing; the bucket of environments/{setup.environment}.gcs"
    yield f"the GitHub App {variables.github_app_id}, installed where repositories and the base are"
    yield f"an empty repository for {variables.knowledge}; then once: devnexus kb init {variables.knowledge}"
    made = {"database-url"} if variables.database == "cloud-sql" else set()
    yield f"a version of each secret, before the services: {', '.join(sorted(setup.secrets - made))}"
    yield "Cloud Build connected to the repository; its first build with _DEPLOY=no makes the images"


def after(setup: Setup) -> Iterator[str]:
    """After it."""
    if setup.variables.domain:
        yield f"an A record of {setup.variables.domain} that names `terraform output load_balancer_address`"
        yield "the certificate: the next build asks there, so wait until it is ACTIVE"
    yield "the webhook URL of the App: `terraform output webhook_url`"
    yield "the build again, with _DEPLOY=yes: it tests what there is, and from then on each commit of main"


def left_off(setup: Setup) -> Iterator[str]:
    """What could be there, and is not."""
    variables = setup.variables
    yield from (f"{secret}: {why}" for secret, why in setup.optional.items() if secret in setup.left_out)
    choices = {
        "Cloud SQL (database)": variables.database == "cloud-sql",
        "a load balancer (domain)": bool(variables.domain),
        "a second region (second_region)": bool(variables.second_region),
        "a budget (billing_account)": bool(variables.billing_account),
        "anybody to tell of alerts (alert_emails)": bool(variables.alert_emails),
        "traces (traces)": bool(variables.traces),
        "an account to deploy with (deployer)": variables.deployer,
    }
    yield from (what for what, is_on in choices.items() if not is_on)
