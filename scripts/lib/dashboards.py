"""The queries of the generated dashboards."""

import json
import re


def filled(query, variables, interval):
    """Returns a query as Grafana sends it with everything selected."""
    query = query.replace("$__rate_interval", interval)
    for name, value in sorted(variables.items(), key=lambda pair: -len(pair[0])):
        query = query.replace(f"${name}", value)
    if "$" in query:
        raise ValueError(f"a variable that the dashboard does not have: {query}")
    return query


def queries(path, interval):
    """Yields the name, the label and the query of each variable and each panel. Only a variable has a label."""
    dashboard = json.loads(path.read_text())
    variables = [one for one in dashboard["templating"]["list"] if one["type"] == "query"]
    # A variable without a current value stands for every value in its list; here there is one proxy.
    values = {one["name"]: one.get("allValue", ".+") for one in variables}
    for one in variables:
        series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", one["query"]["query"]).groups()
        yield f"{path.stem}: ${one['name']}", label, filled(series, values, interval)
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield f"{path.stem}: {panel['title']} {target['refId']}", None, filled(target["expr"], values, interval)
