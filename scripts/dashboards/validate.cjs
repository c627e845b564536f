// Derives JSON Schemas from Grafana's own TypeScript types and validates dashboards against them: the dashboard with
// `Dashboard`, each panel with `Panel`, and `options` and `fieldConfig.defaults.custom` with the types of the panel's plugin.
// Unknown names are errors. Grafana has no public type of a Prometheus target, so a target may only have the fields below;
// queries.py runs its query.
//
//   node validate.cjs HOME FILES...
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const [home, ...files] = process.argv.slice(2);
const modules = path.join(home, "node_modules");
const load = (name) => require(require.resolve(name, { paths: [home] }));
const { createGenerator } = load("ts-json-schema-generator");
const Ajv = load("ajv");

const types = path.join(modules, "@grafana", "schema", "dist", "types", "raw");
const tsconfig = path.join(home, "tsconfig.json");
fs.writeFileSync(tsconfig, JSON.stringify({ compilerOptions: { skipLibCheck: true, module: "nodenext" } }));

function validator(file, type) {
    const schema = createGenerator({
        path: path.join(types, file),
        tsconfig,
        type,
        skipTypeCheck: true,
        additionalProperties: false,
    }).createSchema(type);
    return new Ajv({ allErrors: true, strict: false }).compile(schema);
}

const OPTIONS = {
    heatmap: "heatmap",
    stat: "stat",
    "state-timeline": "statetimeline",
    table: "table",
    timeseries: "timeseries",
};
const dashboards = validator("dashboard/x/types.gen.d.ts", "Dashboard");
const panels = validator("dashboard/x/types.gen.d.ts", "Panel");
const rows = validator("dashboard/x/types.gen.d.ts", "RowPanel");
const options = {};
const customs = {};
for (const [kind, folder] of Object.entries(OPTIONS)) {
    const file = `composable/${folder}/panelcfg/x/types.gen.d.ts`;
    options[kind] = validator(file, "Options");
    // A stat panel has no fields of its own.
    const text = fs.readFileSync(path.join(types, file), "utf8");
    if (/interface FieldConfig\b/.test(text)) customs[kind] = validator(file, "FieldConfig");
}
// The fields that the generator writes, by name and type. This finds our own mistakes; Grafana accepts more fields.
const targets = new Ajv({ allErrors: true }).compile({
    type: "object",
    required: ["datasource", "expr", "refId"],
    additionalProperties: false,
    properties: {
        datasource: {
            type: "object",
            required: ["type", "uid"],
            additionalProperties: false,
            properties: { type: { const: "prometheus" }, uid: { type: "string" } },
        },
        expr: { type: "string", minLength: 1 },
        format: { enum: ["time_series", "table", "heatmap"] },
        instant: { type: "boolean" },
        legendFormat: { type: "string" },
        range: { type: "boolean" },
        refId: { type: "string", pattern: "^[A-Z]+$" },
    },
});

const complaints = [];
function hold(validate, value, where) {
    if (!validate(value)) {
        complaints.push(...validate.errors.map((error) =>
            `${where}${error.instancePath}: ${error.message} ${JSON.stringify(error.params)}`));
    }
}

let held = 0;
for (const file of files) {
    const dashboard = JSON.parse(fs.readFileSync(file, "utf8"));
    const { panels: all, ...frame } = dashboard;
    hold(dashboards, frame, file);
    for (const panel of all ?? []) {
        const where = `${file}: ${panel.title}`;
        held += 1;
        if (panel.type === "row") {
            hold(rows, panel, where);
            continue;
        }
        hold(panels, panel, where);
        const validate = options[panel.type];
        if (validate) hold(validate, panel.options, `${where}: options`);
        else complaints.push(`${where}: no type is known for panels of the type ${panel.type}`);
        const custom = panel.fieldConfig?.defaults?.custom;
        if (custom && customs[panel.type]) hold(customs[panel.type], custom, `${where}: custom`);
        else if (custom) complaints.push(`${where}: panels of the type ${panel.type} have no fields of their own`);
        for (const target of panel.targets ?? []) hold(targets, target, `${where}: target`);
    }
}
for (const complaint of complaints) console.error(complaint);
console.log(`${files.length} dashboards with ${held} panels, ${complaints.length} complaints`);
process.exit(complaints.length === 0 ? 0 : 1);
