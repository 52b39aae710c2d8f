"""What any process needs: logs, metrics, tasks, signals, sockets."""
