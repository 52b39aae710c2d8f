"""The sample CRM."""
