// Builds the tables once from the rows in the page. Filters only hide rows, so
// they are quick with thousands of people. Data is only inserted as text.
"use strict";

const { organization, generated_at: generatedAt, people: dates, rows } =
  JSON.parse(document.getElementById("data").textContent);

const find = (id) => document.getElementById(id);

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const by = (...keys) => (a, b) => {
  for (const key of keys) {
    if (key(a) !== key(b)) {
      return key(a) < key(b) ? -1 : 1;
    }
  }
  return 0;
};

// The strongest first: the order of the legend, and of sorting. Access that is not
// a grant may allow anything: the provider does not know it.
const strengths = ["owner", "admin", "editor", "viewer", "other", "unknown"];

function shortRole(grant) {
  if (grant.role === "organization-admin") {
    return "owner";
  }
  const prefix = grant.scope + "-";
  return grant.role.startsWith(prefix) ? grant.role.slice(prefix.length) : grant.role;
}

function strengthOf(grant) {
  if (grant.grant === null) {
    return "unknown";
  }
  const role = shortRole(grant) === "developer" ? "editor" : shortRole(grant);
  return strengths.includes(role) ? role : "other";
}

// A column of the matrix: the organization, all of a kind, one resource, or access
// that is not a grant.
const otherAccess = "other access";
const columnKey = (grant) => (grant.grant === null ? otherAccess : grant.scope) + " " + (grant.resource_id ?? "");

function newPrincipal(id, name, status) {
  return { id, name: name ?? "", status, grants: [], held: new Map(), strength: strengths.length, owner: false, when: "" };
}

function collect() {
  const people = new Map();
  const mappings = new Map();
  for (const row of rows) {
    const group = row.principal_type === "role_mapping" ? mappings : people;
    const key = row.principal_type + " " + row.principal;
    if (!group.has(key)) {
      group.set(key, newPrincipal(row.principal, row.name, row.status));
      group.get(key).source = row.source ?? "";
    }
    if (row.grant === null && row.assignment === null) {
      continue; // a person without access
    }
    const principal = group.get(key);
    const grant = { ...row, strength: strengthOf(row) };
    principal.grants.push(grant);
    principal.strength = Math.min(principal.strength, strengths.indexOf(grant.strength));
    principal.owner ||= grant.strength === "owner";
    const column = columnKey(grant);
    principal.held.set(column, [...(principal.held.get(column) ?? []), grant]);
  }
  for (const { id, status, member_since: since, invitation_expires_at: until } of dates) {
    people.get((status === "active" ? "member " : "invitation ") + id).when = since ?? until ?? "";
  }
  const sorted = (group) => [...group.values()].sort(by((p) => p.id));
  return { people: sorted(people), mappings: sorted(mappings) };
}

// The order of columns: the organization, access that is not a grant, because it
// must be seen, and then each kind: all of it, and then the single resources on
// which somebody has a role.
function collectColumns(people) {
  const columns = new Map();
  const add = (scope, resource) => {
    columns.set(columnKey({ scope, resource_id: resource }), { scope, resource });
  };
  add("organization", null);
  for (const grant of people.flatMap((p) => p.grants)) {
    const scope = grant.grant === null ? otherAccess : grant.scope;
    add(scope, null);
    add(scope, grant.resource_id);
  }
  return [...columns.values()].sort(by((c) => c.scope !== "organization", (c) => c.scope !== otherAccess, (c) => c.scope, (c) => c.resource ?? ""));
}

// The role in a column that follows from another role: owners may do everything,
// and a role on all of a kind applies to each resource.
function inherited(principal, column) {
  if (column.scope === otherAccess) {
    return "";
  }
  if (principal.owner && column.scope !== "organization") {
    return "owner";
  }
  const onAll = column.resource === null ? [] : principal.held.get(columnKey({ scope: column.scope })) ?? [];
  return onAll.map(shortRole).join(", ");
}

const hasAccess = (principal, column) => principal.held.has(columnKey({ scope: column.scope, resource_id: column.resource })) || inherited(principal, column) !== "";

// Access that is not a grant has all details from Elastic Cloud in the tooltip, and
// on paper.
function otherBadge(grant) {
  const note = grant.role === null ? "not a grant" : grant.scope + ", not a grant";
  return element("span", { class: "badge unknown", title: grant.assignment },
    grant.role ?? grant.scope, element("small", {}, note), element("code", {}, grant.assignment));
}

function badge(grant, label) {
  if (grant.grant === null) {
    return otherBadge(grant);
  }
  const parts = [label(grant)];
  if (grant.application_roles) {
    parts.push(element("small", {}, "+" + grant.application_roles.split("+").join(" +")));
  }
  return element("span", { class: "badge " + grant.strength, title: grant.grant }, ...parts);
}

// Long texts may break between their parts, and stay whole when copied.
const breakable = (parts) => parts.flatMap((part) => [element("wbr", {}), part]);
const resourceID = (id) => element("code", {}, ...breakable(id.match(/.{1,8}/gsu) ?? []));

// The roles make this a table for screen readers, although the styles make it a grid.
const rowOf = (attributes, ...cells) => element("tr", { role: "row", ...attributes }, ...cells);
const headCell = (kind, ...children) => element("th", { scope: "col", role: "columnheader", class: kind }, ...children);
const cellOf = (kind, ...children) => element("td", { role: "cell", class: kind }, ...children);

function columnHead({ scope, resource }) {
  if (scope === "organization") {
    return headCell("first", "Organization");
  }
  if (scope === otherAccess) {
    return headCell("first other-access", "Other access");
  }
  const kind = element("span", { class: "kind" }, scope + " ");
  return resource === null ? headCell("first", kind, "all") : headCell("", kind, resourceID(resource));
}

function whoCell(principal) {
  const cell = element("th", { scope: "row", role: "rowheader", class: "who" }, element("span", { class: "id" }, ...breakable(principal.id.split(/(?=@)/))));
  if (principal.name !== "") {
    cell.append(element("span", { class: "name" }, principal.name));
  }
  return cell;
}

function statusCell(principal) {
  const cell = cellOf("", element("span", { class: "status " + principal.status }, principal.status));
  if (principal.when !== "") {
    const words = { active: "since ", invited: "until ", expired: "on " }[principal.status] ?? "";
    cell.append(element("span", { class: "name" }, words + principal.when.slice(0, 10)));
  }
  return cell;
}

function personRow(principal) {
  const row = rowOf({ class: principal.status }, whoCell(principal), statusCell(principal));
  for (const column of columns) {
    const cell = cellOf(column.resource === null ? "first" : "");
    const grants = principal.held.get(columnKey({ scope: column.scope, resource_id: column.resource })) ?? [];
    const elsewhere = grants.length > 0 ? "" : inherited(principal, column);
    if (column.scope === "organization" && principal.grants.length === 0) {
      cell.append(element("span", { class: "none" }, "no grant"));
    } else if (elsewhere !== "") {
      cell.append(element("span", { class: "inherited" }, elsewhere));
    }
    cell.append(...grants.map((grant) => badge(grant, shortRole)));
    row.append(cell);
  }
  return row;
}

function mappingRow(principal) {
  const roleAndScope = (grant) => grant.role + (grant.scope === "organization" ? "" : ":" + (grant.resource_id ?? "*"));
  const grants = principal.grants.map((grant) => badge(grant, roleAndScope));
  return rowOf({ class: principal.status }, whoCell(principal), statusCell(principal), cellOf("", principal.source), cellOf("", ...grants));
}

function fillTotals(people, mappings) {
  const active = people.filter((p) => p.status === "active");
  const totals = {
    "members": active.length,
    "owners": active.filter((p) => p.owner).length,
    "pending invitations": people.filter((p) => p.status === "invited").length,
    "expired invitations": people.filter((p) => p.status === "expired").length,
    "members without a grant": active.filter((p) => p.grants.length === 0).length,
    "role mappings": mappings.length,
  };
  for (const [label, number] of Object.entries(totals)) {
    const attention = number > 0 && (label.startsWith("expired") || label.includes("without"));
    find("totals").append(element("div", { class: attention ? "attention" : "" }, element("dt", {}, label), element("dd", {}, String(number))));
  }
}

function fillAbout() {
  const name = organization.name || organization.id;
  document.title = "Access review: " + name;
  find("organization").textContent = name;
  const facts = { ID: organization.id };
  if (generatedAt !== "") {
    facts.Generated = generatedAt.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?Z$/, "$1 $2 UTC");
  }
  facts["Single sign-on"] = { true: "enforced", false: "not enforced" }[organization.sso_enforced] ?? "not known";
  for (const [label, fact] of Object.entries(facts)) {
    find("about").append(element("span", {}, label + " ", element("b", {}, fact)));
  }
}

function fillLegend() {
  const words = { other: "other role", unknown: "not a grant" };
  for (const strength of strengths.filter((s) => s !== "unknown" || hasOthers)) {
    find("legend").append(element("li", {}, element("span", { class: "badge " + strength }, words[strength] ?? strength)));
  }
  find("legend").append(
    element("li", {}, element("span", { class: "inherited" }, "editor"), "through a role on all of the kind, or as owner"),
    element("li", { class: "invited" }, element("span", { class: "badge viewer" }, "viewer"), "promised by an invitation"),
    element("li", { class: "expired" }, element("span", { class: "badge viewer" }, "viewer"), "promised, but expired"));
}

function fillSelect(select, options) {
  for (const [value, label] of options) {
    select.append(element("option", { value }, label));
  }
}

const distinct = (values) => [...new Set(values)].sort();

const { people, mappings } = collect();
const columns = collectColumns(people);
const hasOthers = rows.some((row) => row.assignment !== null);
const noGrant = "none";
const notAGrant = "other";

function fillFilters() {
  const all = [...people, ...mappings];
  fillSelect(find("role"), [["", "any"], ...distinct(all.flatMap((p) => p.grants.map((g) => g.role)).filter((role) => role !== null)).map((role) => ["role " + role, role]),
    ...(hasOthers ? [[notAGrant, "not a grant"]] : []), [noGrant, "no grant"]]);
  fillSelect(find("status"), [["", "any"], ...distinct(all.map((p) => p.status)).map((status) => [status, status])]);
  const label = (c) => ["organization", otherAccess].includes(c.scope) ? c.scope : c.scope + " " + (c.resource ?? "(all)");
  fillSelect(find("resource"), [["", "anything"], ...columns.map((c, i) => [String(i), label(c)])]);
}

function fillTable(id, tracks, head, principals, makeRow) {
  for (const principal of principals) {
    principal.row = makeRow(principal);
    principal.text = (principal.id + "\n" + principal.name).toLowerCase();
  }
  const table = find(id);
  table.style.setProperty("--tracks", tracks);
  table.append(
    element("thead", { role: "rowgroup" }, rowOf({}, headCell("who", head[0]), headCell("when", head[1]), ...head.slice(2))),
    element("tbody", { role: "rowgroup" }, ...principals.map((p) => p.row)));
}

function fillTables() {
  const widths = columns.map((c) => c.scope === otherAccess ? "12rem" : "7.1rem");
  fillTable("people", widths.map((width) => `minmax(${width}, 1fr)`).join(" "), ["Person", "Status", ...columns.map(columnHead)],
    people, personRow);
  find("people").style.setProperty("--least", `calc(25rem + ${widths.join(" + ")})`);
  fillTable("mappings", "minmax(14rem, 2fr) minmax(18rem, 3fr)", ["Mapping", "Status", headCell("", "Rule"), headCell("", "Roles")],
    mappings, mappingRow);
  find("mappings").style.setProperty("--least", "57rem");
  find("mappings-section").hidden = mappings.length === 0;
}

function filter() {
  const text = find("person").value.trim().toLowerCase();
  const role = find("role").value;
  const status = find("status").value;
  const column = columns[find("resource").value];
  const onlyOwners = find("owners").getAttribute("aria-pressed") === "true";
  const hasRole = (grant) => role === "role " + grant.role || role === notAGrant && grant.grant === null;
  const matches = (p) =>
    (text === "" || p.text.includes(text)) &&
    (status === "" || p.status === status) &&
    (!onlyOwners || p.owner) &&
    (role === "" || (role === noGrant ? p.grants.length === 0 : p.grants.some(hasRole))) &&
    (column === undefined || hasAccess(p, column));
  const show = (principals, noun, count, nothing) => {
    let shown = 0;
    for (const p of principals) {
      const hidden = !matches(p);
      if (p.row.hidden !== hidden) {
        p.row.hidden = hidden;
      }
      shown += hidden ? 0 : 1;
    }
    find(count).textContent = shown === principals.length ? `all ${shown} ${noun} shown` : `${shown} of ${principals.length} ${noun} shown`;
    find(nothing).hidden = shown > 0;
  };
  show(people, "people", "people-count", "nobody");
  show(mappings, "role mappings", "mappings-count", "no-mapping");
}

function sort() {
  const orders = {
    address: by((p) => p.id),
    strength: by((p) => p.strength, (p) => p.id),
    grants: by((p) => -p.grants.length, (p) => p.id),
    status: by((p) => p.status, (p) => p.id),
  };
  for (const principals of [people, mappings]) {
    principals.sort(orders[find("order").value]);
    principals[0]?.row.parentNode.append(...principals.map((p) => p.row));
  }
}

fillAbout();
fillTotals(people, mappings);
fillLegend();
fillFilters();
fillTables();
filter();

find("filters").addEventListener("input", filter);
find("filters").addEventListener("submit", (event) => event.preventDefault());
find("clear").addEventListener("click", () => {
  find("filters").reset();
  find("owners").setAttribute("aria-pressed", "false");
  filter();
  sort();
});
find("order").addEventListener("change", sort);
find("owners").addEventListener("click", () => {
  find("owners").setAttribute("aria-pressed", find("owners").getAttribute("aria-pressed") !== "true");
  filter();
});
