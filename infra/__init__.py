"""The infrastructure, in Python for the AWS CDK."""
