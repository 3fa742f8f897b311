"""A stand-in for Grafana on machines that cannot have it: shows provisioned dashboards, changes nothing.

What a Deployment of Grafana relies on is the same: port, health check, provisioning files, login, the HTTP
API's reading half. It says what it is in every page, in the `Server` header, the log and the image's label.
"""

NAME = "emotion-serving dashboard viewer (stand-in)"
CONTRACT = "12.2.0"  # the Grafana whose file formats and HTTP API it follows
