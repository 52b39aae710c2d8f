"""From the settings to the parts that app.py joins."""
