"""What Terraform would make of an environment, who may call whom then, what is left to people, what it costs.

`python -m deploy_plan production`, or `make deploy-plan`: no account, no network.
"""
