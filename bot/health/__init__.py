"""The health check behind ``/customer doctor`` and ``customer-bot doctor``."""
