=== apidoc prose
## GET /v1/{service1}/{id}

{s:tech*2-3}

| Parameter | Type | Meaning |
|---|---|---|
| id | string | Identifier of the record |
| limit | integer | At most {n} |

Errors: 404 if there is no such record; 429 if you call too often. Please wait before you retry.
===
### {fn1}(path, *, strict=False)

{s:tech*2-4}

Parameters
    path: where to read from
    strict: raise an error on unknown fields

Returns a list of records. Use {fn2} if you need them one at a time.
===
Authentication

{s:tech*3-4} Set the header X-Api-Key to your key. Never commit the key.

Example

    curl -H "X-Api-Key: $KEY" {url}

Rate limits

{n} calls a minute. {s:tech*1-2}
===
Webhooks

{s:tech*2} Your endpoint must answer within {n} seconds. Verify the signature before you trust the body. {s:tech*2} To test it, press Send test event.
===
Pagination

Pass the cursor from the previous answer. {s:tech*3-4} Do not build cursors yourself.
===
.. function:: {fn1}(items)

   {s:tech*2-3}

   .. note:: {s:tech*1}

   .. deprecated:: {ver} Use :func:`{fn2}` instead.
===
Error codes

E{n}: {s:tech*1}
E{n}: {s:tech*1}
E{n}: {s:tech*1}
E{n}: ask your administrator. {s:tech*1}
===
Migration from {ver} to {ver}

{s:tech*3-5} Replace every call of {fn1} with {fn2}. Run the tests. If they fail, see {url}.
=== readme prose
# {service1}

{s:tech*2-3}

## Install

    pip install {service1}

## Use

    from pkg import {fn1}
    {fn1}("data.csv")

## Contribute

Open an issue first. {s:tech*1-2} Please add a test with each change.

## Licence

MIT
===
{service1}
{s:tech*3-4}

Quick start: clone the repository, copy config.example.yaml to config.yaml and run make. {s:tech*1-2}

Maintainer: {name1}
===
# {project1}

[![build](https://{host}/badge.svg)]({url})

> {s:tech*1}

- {s:tech*1}
- {s:tech*1}
- {s:tech*1}

### FAQ

**Why is it slow?** {s:tech*1-2}

**Can I use it at work?** Yes.
===
## Getting started

1. Install the tools listed below.
2. Run `make setup`. {s:tech*1}
3. Open http://localhost:8080 and sign in as admin.
4. {s:tech*1}

## Layout

- src: the code
- tests: the tests
- docs: {s:tech*1}
===
# Data set of {t:fact}

{s:fact*2} {s:abstract*2}

Columns: date, station, value. Please cite {name1} if you use it. Do not use it for navigation.
===
# dotfiles of {nick1}

My settings. {s:tech*2} Fork it, but do not run install.sh without reading it. Tested on {city} time only, ha.
===
# Plugin: {service1}

{s:tech*2-3}

Known problems: {s:tech*1-2}

Support: ask in the forum, and add the output of `status --verbose`.
=== changelog prose
# Changelog

## {ver} - {date}

- {b:change*3-4}

## {ver} - {date}

- {b:change*2-4}
===
Release {ver}

{s:change*3-5} Before you upgrade, make a backup. Thanks to {name1} and {name2}.
===
v{ver} ({date})
  * {s:change*1}
  * {s:change*1}
  * {s:tech*1}
v{ver} ({date})
  * {s:change*1}
  * {s:change*1}
===
What is new in {service1}?

{s:change*2-3} {s:tech*2} Try it and tell us what you think.
===
Version {ver}. {s:change*4}
===
BREAKING: {s:change*1-2} You need to run the migration by hand. {s:tech*2-3}
===
App update, {longdate}: {s:change*3-4} Restart the app to finish.
=== code code
"""Helpers for {service1}."""

import json

# {commentline}
LIMIT = {n}


def {fn1}(path):
    # {commentline}
    with open(path) as handle:
        rows = json.load(handle)
    # {commentline}
    return [row for row in rows if row["size"] < LIMIT]
===
// Package {nick1} reads the export of {org1}.
package reader

import "fmt"

// {commentline}
func Read(rows []string) (int, error) {
	total := 0
	for _, row := range rows {
		// {commentline}
		if row == "" {
			continue
		}
		total += len(row)
	}
	fmt.Println("total", total)
	return total, nil
}
===
/**
 * {s:tech*1-2}
 * {commentline}
 */
export function total(items) {
  // {commentline}
  let sum = 0;
  for (const item of items) {
    sum += item.price * item.count; // {commentline}
  }
  return sum;
}
===
#!/usr/bin/env bash
# Nightly backup of {service1}.
# {commentline}
set -euo pipefail

target="/var/backups/{service1}"
mkdir -p "$target"
# {commentline}
tar czf "$target/$(date +%F).tar.gz" /srv/data
# keep the last {n} archives
ls -t "$target" | tail -n +{n} | xargs -r rm --
===
// {commentline}
public class Basket {
    // {commentline}
    private final List<Item> items = new ArrayList<>();

    /** {s:tech*1} */
    public int count() {
        // {commentline}
        return items.size();
    }
}
===
-- {commentline}
CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  customer TEXT NOT NULL,
  -- {commentline}
  total NUMERIC(10, 2)
);

-- {commentline}
SELECT customer, SUM(total) FROM orders WHERE total > {n} GROUP BY customer;
===
//! {s:tech*1}
use std::collections::HashMap;

/// {commentline}
pub fn count(words: &[&str]) -> HashMap<String, usize> {
    let mut seen = HashMap::new();
    for word in words {
        // {commentline}
        *seen.entry(word.to_string()).or_insert(0) += 1;
    }
    seen
}
===
# {commentline}
class Meter:
    """{s:tech*1}"""

    def __init__(self):
        # {commentline}
        self.values = []

    def add(self, value):
        # {commentline}
        # {commentline}
        if value is None:
            raise ValueError("Please pass a number.")
        self.values.append(value)
===
/* Layout of the {t:fact} page */
.card {
  color: {colour};
}
// {commentline}
$gap: {n}px;
.card .title {
  // {commentline}
  margin: $gap;
}
===
# {service1} settings
# {commentline}
server:
  port: {big}
  # {commentline}
  timeout: {n}
# {commentline}
features:
  dark_mode: {bool}
  greeting: Welcome back
===
FROM python:3.{d}-slim
# {commentline}
WORKDIR /app
COPY . .
# {commentline}
RUN pip install --no-cache-dir .
# {commentline}
CMD ["python", "-m", "{service1}"]
===
import { useState } from "react";

// {commentline}
export function Counter() {
  const [count, setCount] = useState({d});
  // {commentline}
  return <button onClick={() => setCount(count + 1)}>Clicked {count} times</button>;
}
===
# -*- coding: utf-8 -*-
# Tests of {fn1}.
import pytest


# {commentline}
def test_empty():
    assert total([]) == 0


# {commentline}
def test_negative():
    # {commentline}
    with pytest.raises(ValueError, match="must be positive"):
        total([-{d}])
===
; {commentline}
[client]
server = {ip}
; {commentline}
retries = {d}
# {commentline}
user = {nick1}
=== diff code
diff --git a/src/{fn1}.py b/src/{fn1}.py
index {hex}..{hex} 100644
--- a/src/{fn1}.py
+++ b/src/{fn1}.py
@@ -{n},6 +{n},8 @@ def {fn1}(rows):
     seen = set()
-    for row in rows:
+    # {commentline}
+    for row in sorted(rows):
         # {commentline}
         seen.add(row)
     # {commentline}
     return seen
===
--- a/README.md
+++ b/README.md
@@ -1,4 +1,6 @@
 # {service1}
-{s:tech*1}
+{s:tech*1}
+{s:tech*1}
 # {commentline}
===
@@ -{n},4 +{n},5 @@
 // {commentline}
-const limit = {n};
+const limit = {big};
+// {commentline}
 // {commentline}
 module.exports = { limit };
===
diff --git a/deploy/{service1}.yaml b/deploy/{service1}.yaml
@@ -3,5 +3,6 @@
   # {commentline}
-  replicas: {d}
+  replicas: {n}
+  # {commentline}
   image: registry/{service1}:{ver}
=== commit prose
{change}

{s:tech*2-3}

Closes {code}.
Signed-off-by: {name1} <{mail1}>
===
commit {hex}{hex}
Author: {name1} <{mail1}>
Date:   {longdate}

    {change}

    {s:tech*1-3}
===
{hex} {change}
{hex} {change}
{hex} Merge branch '{nick1}/{fn1}'
{hex} {change}
{hex} Fix typo in {file}
===
fix({service1}): {fn1} no longer loses the last row

{s:tech*2-3} Reviewed by {nick1}. Please squash before merging.
===
Pull request {big}: {change}

Why: {s:tech*1-2}
How: {s:tech*2}

- [x] tests
- [ ] docs

{nick2}: Could you rename {fn1}? Otherwise fine.
{nick1}: Done.
===
Revert "{change}"

This reverts commit {hex}{hex}. {s:tech*2}
=== cilog rows
$ make test
collecting ... {n} items
tests/test_{fn1}.py ........ [ {n}%]
tests/test_{fn2}.py ...F.... [100%]
E   ValueError: Please pass a number.
{n} passed, 1 failed in {pc}s
make: *** [Makefile:{n}: test] Error 1
Error: Process completed with exit code 1.
===
{clock} Run actions/checkout
{clock} Syncing repository: {nick1}/{service1}
{clock} Installing dependencies
{clock} warning: {s:tech*1}
{clock} Build finished in {n} s
{clock} Uploading artefact {file}
{clock} Post job cleanup.
===
[1/{n}] Compiling {fn1}.c
[2/{n}] Compiling {fn2}.c
{fn2}.c:{n}: warning: unused variable 'x'
[3/{n}] Linking
note: run with -v to see the full command
Step {d}: {s:tech*1}
Finished in {n} s
===
npm WARN deprecated: {s:tech*1}
added {big} packages in {n}s
> lint
src/{fn1}.ts  {n}:{d}  error  'rows' is never used
1 problem
To fix some of these, run npm run lint:fix
===
Pipeline #{big} for {project1}: failed
job build: ok ({n} s)
job test: failed
  {s:tech*1}
  expected {n}, got {n}
job deploy: skipped
Please look at the log and rerun the job.
=== trace rows
Traceback (most recent call last):
  File "/app/{service1}/main.py", line {n}, in <module>
    {fn1}(path)
  File "/app/{service1}/reader.py", line {n}, in {fn1}
    raise ValueError(message)
ValueError: {s:tech*1}
===
Exception in thread "main" java.lang.IllegalStateException: {s:tech*1}
	at com.example.Reader.{fn1}(Reader.java:{n})
	at com.example.Main.main(Main.java:{n})
Caused by: java.io.IOException: connection to {ip} closed
	... {n} more
===
TypeError: Cannot read properties of undefined (reading '{fn1}')
    at {fn2} (/srv/{service1}/index.js:{n}:{d})
    at process.processTicksAndRejections
{s:tech*1}
Node.js v{ver}
===
panic: index out of range [{n}] with length {d}

goroutine {n} [running]:
main.{fn1}(...)
	/src/{service1}/main.go:{n} +0x{hex}
exit status 2
{s:tech*1-2}
===
django.db.utils.OperationalError: could not connect to server
	Is the server running on host "{ip}" and accepting TCP/IP connections on port {big}?
{clock} retry in {n} s
{s:tech*2}
=== serverlog rows
{date}T{clock} INFO {service1} {logmsg}
{date}T{clock} WARN {service1} {logmsg}
{date}T{clock} INFO {service2} {logmsg}
{date}T{clock} ERROR {service1} {logmsg}
{date}T{clock} INFO {service2} {logmsg}
===
{ip} - - [{date} {clock}] "GET /{fn1}?page={d} HTTP/1.1" 200 {big} "-" "Mozilla/5.0"
{ip} - {nick1} [{date} {clock}] "POST /login HTTP/1.1" 302 {n} "-" "curl/{ver}"
{ip} - - [{date} {clock}] "GET /help/{file} HTTP/1.1" 404 {n} "-" "Mozilla/5.0"
===
{month} {n} {clock} host{d} {service1}[{big}]: {logmsg}
{month} {n} {clock} host{d} {service1}[{big}]: {logmsg}
{month} {n} {clock} host{d} sshd[{big}]: Accepted key for {nick1} from {ip}
{month} {n} {clock} host{d} cron[{big}]: {logmsg}
===
{"ts": "{date}T{clock}", "level": "info", "msg": "{logmsg}"}
{"ts": "{date}T{clock}", "level": "warn", "msg": "{logmsg}", "hint": "{s:tech*1}"}
{"ts": "{date}T{clock}", "level": "info", "msg": "{logmsg}"}
===
ts={clock} level=info service={service1} msg="{logmsg}"
ts={clock} level=error service={service1} msg="{logmsg}" user_agent="Mozilla/5.0"
ts={clock} level=info service={service2} msg="{logmsg}" note="{s:tech*1}"
ts={clock} level=info service={service2} msg="{logmsg}"
===
{clock} [worker-{d}] {logmsg}
{clock} [worker-{d}] {logmsg}
{clock} [main] {s:tech*1}
{clock} [worker-{d}] {logmsg}
{clock} [main] Shutting down, please wait.
=== sqlresult rows
 id | name | city | remark
----+------+------+--------
 {n} | {name} | {city} | {s:work*1}
 {n} | {name} | {city} |
 {n} | {name} | {city} | {s:life*1}
(3 rows)
===
mysql> SELECT id, title, body FROM posts LIMIT 3;
+----+
| {n} | {t:fact} | {s:fact*1} |
| {n} | {t:news} | {s:news*1} |
| {n} | {t:work} | {s:work*1} |
+----+
3 rows in set (0.0{d} sec)
===
customer_id,customer,last_comment
{big},{org},"{s:work*1}"
{big},{org},"{s:work*1}"
{big},{org},"{s:review_bad*1}"
===
[(1, '{name}', '{status}', '{t:tech}'),
 (2, '{name}', '{status}', '{t:work}'),
 (3, '{name}', '{status}', '{t:life}')]
Query took {n} ms. {s:tech*1}
=== table rows
| Item | Owner | Note |
|---|---|---|
| {thing} | {name} | {s:work*1} |
| {thing} | {name} | {s:work*1} |
| {product} | {name} | {s:review_mixed*1} |
===
Name;Role;Phone;Remark
{name};{job};{phone};{s:cvline*1}
{name};{job};{phone};{s:cvline*1}
{name};{job};{phone};on leave until {date}
===
sku,name,stock,comment
{hex},{product},{n},{s:review_good*1}
{hex},{product},{n},{s:review_mixed*1}
{hex},{product},0,discontinued
===
Station   Mon  Tue  Wed  Remark
{city}    {n}   {n}   {n}   {s:news*1}
{city}    {n}   {n}   {n}   {s:news*1}
{city}    {n}   {n}   {n}   no reading
===
question|answer|votes
{s:faqtail*1}|{s:how*1}|{n}
What is a lichen?|{s:fact*1}|{n}
When is the deadline?|{s:work*1}|{n}
===
Inventory of {room1}

Qty | Thing | State
{n} | {product} | good
{n} | {product} | {s:review_bad*1}
{d} | whiteboard | to be cleaned, see {name1}
=== yaml code
# {commentline}
name: {service1}
version: {ver}
owner: {name1}
# {commentline}
description: {s:tech*1}
steps:
  - run: make
  # {commentline}
  - run: make test
===
openapi: 3.0.0
# {commentline}
info:
  title: {service1}
  description: {s:tech*1-2}
paths:
  # {commentline}
  /items/{id}:
    get:
      summary: Return one item
===
--- # {commentline}
customer: {org1}
contact: {name1}
# {commentline}
notes: {s:work*1-2}
open_items: {n}
===
# {t:work}
- date: {date}
  by: {nick1}
  text: {s:work*1-2}
# {commentline}
- date: {date}
  by: {nick2}
  text: {s:work*1-2}
=== apijson json
{"status": "ok", "data": {"user": {"id": {big}, "name": "{name1}", "bio": "{s:cvline*2}"}, "posts": [{"title": "{t:life}", "text": "{s:life*2}"}, {"title": "{t:fact}", "text": "{s:fact*2}"}]}, "meta": {"page": {d}, "pages": {n}}}
===
{"weather": {"city": "{city1}", "now": {"temp": {n}, "sky": "cloudy"}, "forecast": [{"day": "{day}", "text": "Showers in the morning, brighter later in the day."}, {"day": "Sunday", "text": "Dry with light winds from the west."}], "warning": "{s:news*1}"}}
===
{"tasks": [{"id": {n}, "title": "{bullet}", "notes": "{s:work*1}", "done": {bool}}, {"id": {n}, "title": "{bullet}", "notes": "{s:life*1}", "done": {bool}}, {"id": {n}, "title": "{bullet}", "notes": "", "done": {bool}}]}
===
{"repo": "{service1}", "pulls": [{"n": {big}, "title": "{change}", "body": "{s:tech*2}", "reviews": [{"by": "{nick1}", "state": "changes requested", "body": "Please add a test. {s:tech*1}"}]}]}
===
{"patient": {"ref": "{code1}", "notes": [{"date": "{date}", "text": "{s:med*2}"}, {"date": "{date}", "text": "Sleeps better. {s:med*1}"}]}}
===
{"shipment": {"no": "{code1}", "events": [{"at": "{date} {time}", "where": "{city1}", "text": "Parcel has left the depot."}, {"at": "{date} {time}", "where": "{city2}", "text": "Nobody at home, card left with {name1}."}], "hint": "Choose another day or a shop near you. {s:policy*1}"}}
===
{"type": "FeatureCollection", "features": [{"properties": {"name": "{t:fact}", "info": "{s:fact*2}"}}, {"properties": {"name": "{hotel}", "info": "{s:review_good*2}"}}]}
===
{
  "page": "{file}",
  "blocks": [
    {"kind": "heading", "text": "{t:work}"},
    {"kind": "text", "text": "{s:work*2-3}"},
    {"kind": "todo", "text": "{bullet}", "checked": {bool}},
    {"kind": "text", "text": "{s:work*2}"}
  ]
}
===
{"stdout": "{s:tech*2}", "stderr": "", "exit_code": 0, "duration_ms": {big}}
===
{"course": "Basics of bookkeeping", "quiz": [{"q": "When is an invoice due?", "hint": "Read clause {d} again before you answer.", "explain": "{s:legal*1}"}, {"q": "Who signs?", "hint": "Think of the role, not the person.", "explain": "{s:policy*1}"}]}
=== xml html
<?xml version="1.0"?>
<orders>
<order id="{code1}"><customer>{org1}</customer><p>{s:work*1-2}</p></order>
<order id="{code2}"><customer>{org2}</customer><p>{s:work*1-2}</p></order>
</orders>
===
<note><to>{first1}</to><from>{first2}</from>
<title>{t:life}</title>
<p>{s:life*3-4}</p></note>
===
<feed>
<title>{org1}</title>
<entry><title>{t:news}</title><p>{s:news*2}</p></entry>
<entry><title>{t:news}</title><p>{s:news*2}</p></entry>
</feed>
===
<env:Body><getNotesResponse>
<li>{s:work*1-2}</li>
<li>{s:work*1-2}</li>
<li>{s:policy*1}</li>
</getNotesResponse></env:Body>
=== mdlist prose
# To do

- [ ] {bullet}
- [ ] {bullet}
- [x] {bullet}
- [ ] {bullet}

## Later

- {b:bullet*2-4}

{s:work*1-2}
===
Shopping
- {b:ingredient*4-6}

Also: {bullet}, {bullet}. {s:life*1-2}
===
* {t:work}
  * {s:work*1}
  * {s:work*1}
* {t:life}
  * {s:life*1}
  * {s:life*1}
===
Packing list for {city1}

[ ] passport
[ ] {product}
[ ] {product}
[ ] charger

{s:life*2-3}
===
Notes, {date}

- {s:fact*1}
- {s:fact*1}
- why? ask {name1}
- {s:fact*1}
===
Reading group

1. {t:fact}: {s:fact*1}
2. {t:news}: {s:news*1}
3. Something by {name1}

Bring a question each.
===
Checklist before release {ver}

1. {bullet}
2. Run the tests on all three systems. {s:tech*1}
3. Tell {first1}.
4. {bullet}
=== listing rows
total {big}
-rw-r--r-- 1 {nick1} staff {big} {month} {n} {time} {file}
-rw-r--r-- 1 {nick1} staff {big} {month} {n} {time} {file}
drwxr-xr-x 4 {nick1} staff {big} {month} {n} {time} src
-rwxr-xr-x 1 root staff {big} {month} {n} {time} run.sh
===
.
├── {file}
├── docs
│   ├── {file}
│   └── {file}
└── src
    └── {fn1}.py

2 directories, {n} files. {s:tech*1}
===
Files in "{project1}" shared by {name1}

{file}   {n} KB   {date}   comment: {s:work*1}
{file}   {n} KB   {date}
{file}   {n} KB   {date}   comment: {s:work*1}
===
search_files("{fn1}")
src/{fn1}.py:{n}: # {commentline}
src/{fn2}.py:{n}: # {commentline}
docs/{file}:{n}: {s:tech*1}
{d} matches
=== shell rows
$ df -h
Filesystem      Size  Used Avail Use% Mounted on
/dev/sda1       {n}G   {d}G   {n}G  {n}% /
tmpfs           {n}M     0  {n}M   0% /tmp
$ uptime
 {clock} up {n} days, {d} users, load average: 0.{n}, 0.{n}
===
$ git status
On branch {nick1}/{fn1}
Changes not staged for commit:
  (use "git add <file>..." to update what will be committed)
	modified:   {file}
	modified:   {file}
no changes added to commit
$ cat NOTES
{s:tech*2-3}
===
$ ping {ip}
64 bytes from {ip}: time={n} ms
64 bytes from {ip}: time={n} ms
$ systemctl status {service1}
active (running) since {date} {clock}
{s:tech*1}
hint: some lines were shortened, use -l to show in full.
===
PS C:\Users\{nick1}> type notes.txt
{s:work*2}
{s:life*1}
PS C:\Users\{nick1}> dir
{file}
{file}
===
$ man {service1}
NAME
    {service1} - {t:tech}
DESCRIPTION
    {s:tech*2-3}
OPTIONS
    -v  print more
    -q  print nothing. Do not combine with -v.
===
$ apt list --upgradable
lib{nick1}/stable {ver} amd64 [upgradable from: {ver}]
N: There are {d} additional versions. Use the '-a' switch to see them.
$ tail motd
{s:policy*1-2}
Please reboot before {day}.
=== tooldesc json
{"name": "search_orders", "description": "Use this tool to look up orders of a customer. Call this first to obtain an order id, then use get_order for the details. Do not use for invoices. {s:tooltail*1-2}", "inputSchema": {"type": "object", "properties": {"customer": {"type": "string", "description": "Name or number of the customer."}, "since": {"type": "string", "description": "Earliest date as YYYY-MM-DD, optional."}}, "required": ["customer"]}}
===
{"name": "{fn1}", "description": "{s:tooldo*1} {s:tooltail*1-3}", "parameters": {"type": "object", "properties": {"path": {"type": "string", "description": "{toolparam}"}, "limit": {"type": "integer", "description": "At most {n}; leave out for all."}}}}
===
{"tools": [{"name": "send_message", "description": "Sends a message to a colleague. Ask for the recipient's address if it is not known. {s:tooltail*1-2}"}, {"name": "list_rooms", "description": "Lists meeting rooms that are free at the given time. {s:tooltail*1}"}]}
===
{"type": "function", "function": {"name": "get_weather", "description": "Returns the forecast for a place. {s:tooltail*1-2}", "parameters": {"type": "object", "properties": {"city": {"type": "string", "description": "City and country, e.g. {city1}."}, "unit": {"type": "string", "enum": ["C", "F"], "description": "{toolparam}"}}}}}
===
{"name": "create_ticket", "title": "Create a ticket", "description": "{s:tooldo*1} {s:tooltail*2}", "annotations": {"readOnlyHint": false, "destructiveHint": false}, "inputSchema": {"type": "object", "properties": {"summary": {"type": "string", "description": "One line, in the words of the customer."}, "body": {"type": "string", "description": "{toolparam}"}}}}
===
{"function": "transfer_file", "docs": "{s:tooldo*1} {s:tooltail*1-2} Returns an id that you pass to check_transfer.", "args": {"source": "{toolparam}", "target": "Folder to write to; must exist before the call."}}
===
{"server": "{service1}", "instructions": "{s:tooldo*1} {s:tooltail*2-3}", "tools": [{"name": "{fn1}", "description": "{s:tooldo*1} {s:tooltail*1}"}, {"name": "{fn2}", "description": "{s:tooldo*1} {s:tooltail*1}"}]}
===
{"name": "query_database", "description": "Runs a read-only SQL query. Use list_tables first to learn the names. Only SELECT is allowed. {s:tooltail*1-2}", "inputSchema": {"properties": {"sql": {"type": "string", "description": "One statement without a semicolon."}}}}
===
{"id": "{service1}.{fn1}", "summary": "{s:tooldo*1}", "when_to_use": "Use this when the customer asks about {t:work}. {s:tooltail*1}", "when_not_to_use": "Do not use it for general questions; {fn2} is quicker for those.", "returns": "A list of at most {n} records with id and title."}
===
{"name": "book_table", "description": "Reserves a table. Always confirm date, time and number of guests before booking. {s:tooltail*1-2}", "parameters": {"restaurant": {"type": "string", "description": "As returned by find_restaurant."}, "time": {"type": "string", "description": "{toolparam}"}}}
=== tooltext prose
{fn1}: {s:tooldo*1} {s:tooltail*2-3}

Args:
    path (str): {toolparam}
    limit (int): {toolparam}

Returns:
    A list of records.
===
Tool: calendar.create
{s:tooldo*1} {s:tooltail*2}
Parameters
- title: short text
- start: {toolparam}
- guests: list of addresses, may be empty
Example: calendar.create(title="{t:work}", start="{date}T{time}")
===
### {service1}

{s:tooldo*1-2} {s:tooltail*2-3}
===
Available commands

/{nick1} list: {s:tooldo*1}
/{nick1} find TEXT: {s:tooltail*1}
/help: show this text. {s:tooltail*1}
===
def {fn1}(city: str, day: str) -> str:
    """{s:tooldo*1} {s:tooltail*1-2}

    Args:
        city: Where. {toolparam}
        day: When, as YYYY-MM-DD.
    """
=== toolerror prose
Error: Invalid date '{longdate}'. Please provide YYYY-MM-DD. {s:tooltail*1-2}
===
{fn1} failed: missing required argument 'path'. Call it again with a path. {s:tooltail*1}
===
HTTP 429 Too Many Requests. Retry after {n} seconds. {s:tech*1-2}
===
No results for '{product1}'. Try a shorter query or remove the filters. {s:tooltail*1-2}
===
Permission denied: {nick1} may not read {file}. Ask the owner, {name1}, for access. {s:policy*1}
===
ValidationError: 2 problems. 'amount' must be greater than zero. 'currency' must be one of EUR, GBP. Correct them and submit again. {s:tooltail*1}
===
Done, with warnings: {n} rows written, {d} rows skipped. {s:tech*1-2} Check {file} before you continue.
===
Booking not possible: {hotel} is full on {date}. Choose another date or use find_hotel with a larger radius. {s:tooltail*1}
===
Unknown city '{city1}x'. Did you mean '{city1}'? Use the English name. {s:tooltail*1-2}
=== toolerrorjson json
{"error": {"code": 400, "message": "Invalid date. Please provide the date as YYYY-MM-DD and try again.", "hint": "{s:tooltail*1}", "request": "{uuid}"}}
===
{"isError": true, "content": [{"type": "text", "text": "Record {code1} was not found. Use {fn1} to list valid ids first. {s:tooltail*1}"}]}
===
{"ok": false, "reason": "The session has expired, please sign in again.", "docs": "{url}", "detail": "{s:tech*1-2}"}
===
{"result": "partial", "warning": "Only the first {n} records are shown; pass a cursor to get more.", "records": [{"t": "{s:work*1}"}, {"t": "{s:work*1}"}]}
