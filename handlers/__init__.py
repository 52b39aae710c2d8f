"""One module per Slack surface: payload in, desk asked, card out."""
