=== mail prose
From: {name1} <{mail1}>
To: {name2} <{mail2}>
Subject: {t:work}
Date: {longdate} {time}

{greet}

{p:work*2-3}

{bye}
{first1}
===
Subject: Re: {t:work}

{greet}

thanks for your note. {s:work*3-5}

Let me know what you think.

{bye}
{name1}
{role1}, {org1}
{phone}

On {longdate}, {name2} wrote:
> {s:work*2-3}
> Could you have a look before {day}?
===
{greet}

{s:life*4-6}

Give my love to the others.

{first1}

PS: {s:life*1}
===
Delivered-To: {mail2}
Received: from mx{d}.{host0} by {host}; {longdate}
From: "{name1}" <{mail1}>
Subject: [{code}] {t:work}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

{greet}

please find attached the {thing} for {project1}. {s:work*3-4}

{bye}

{name1}
{role1}
{org1} | {street1}, {city1}
This message is intended for the addressee only. If you have received it in error, please delete it and tell the sender.
===
{greet}

quick questions about {project1}:

1. Who signs off the {thing}?
2. Is {day} still the deadline?
3. Can {name} join the call?

{s:work*3-4}

{bye}
{first1}
===
From: {name1}
Sent: {longdate} {time}
To: {name2}; {name3}
Cc: {name4}
Subject: FW: {t:work}

{first3}, see below. {s:work*1-2} Please answer {first2} directly.

{first1}

-----Original Message-----
From: {name2}
Sent: {longdate}
Subject: {t:work}

{p:work*2}

{bye}
{first2}
===
Your order {code1} is on its way

Hello {first2},

we have handed your {product1} to the carrier. You can follow the parcel at {url}. {s:policy*1}

Order number: {code1}
Amount: {money} EUR
Delivery to: {street}, {city}

Please do not reply to this address. For questions use the form in our help centre.

{org1}
===
From: no-reply@{host1}
Subject: Your receipt from {org1}

Hi {first2}, thank you for your purchase on {longdate}. You paid {money} with the card ending {big}. If anything is wrong, contact us within {n} days. Your receipt number is {code}. Keep this mail for your records, because the warranty on the {product} depends on it.
===
{first2},

I will be away from {date} until {date}. While I am gone {name3} looks after {project1}, and {name4} answers anything that concerns {org1}. {s:work*2-3}

The keys are in the top drawer. Do water the fern.

{first1}
===
To: all-staff@{host0}
Subject: {t:work}

Dear colleagues,

{p:work*2-4}

If you have questions, please speak to {name3} or come by my office.

{name1}
{role1}
===
Thread: {t:work}

--- {name1}, {date} {time} ---
{s:work*2-3}

--- {name2}, {date} {time} ---
{s:work*1-2} What does {first3} say?

--- {name3}, {date} {time} ---
{s:work*2-3}

--- {name1}, {date} {time} ---
Fine by me. I will write to {org1} today.
===
Dear Sir or Madam,

I refer to my letter of {longdate}, reference {code}. {s:work*3-5} I should be grateful for a reply by {longdate}, failing which I shall have to take the matter further.

Yours faithfully,
{name1}
{street}, {city}
===
Hi {first2}! It was lovely to see you on Saturday. {s:life*3-5} Ring me when you are back, or write to {mail1}. Lots of love, {first1} x
=== mailjson json
{
  "id": "{uuid}",
  "from": "{mail1}",
  "to": ["{mail2}"],
  "subject": "{t:work}",
  "received": "{date}T{clock}Z",
  "unread": {bool},
  "body": "{greet} {s:work*3-5} {bye} {first1}"
}
===
{"messages": [{"id": {big}, "sender": "{mail1}", "subject": "{t:work}", "snippet": "{s:work*2}"}, {"id": {big}, "sender": "{mail2}", "subject": "{t:life}", "snippet": "{s:life*2}"}], "next_page": null}
===
[
  {
    "email_id": "{n}",
    "sender": "{mail1}",
    "recipients": ["{mail2}", "{mail3}"],
    "subject": "{t:life}",
    "body": "Hello {first2}, {s:life*3-4}",
    "status": "received",
    "attachments": []
  },
  {
    "email_id": "{n}",
    "sender": "{mail4}",
    "recipients": ["{mail2}"],
    "subject": "{t:work}",
    "body": "{s:work*3-4} Regards, {first4}",
    "status": "received",
    "attachments": [{"name": "{file}", "size": {big}}]
  }
]
===
{"thread_id": "{hex}", "participants": ["{name1}", "{name2}"], "last": {"at": "{date}T{clock}", "text": "{s:work*2-3}"}, "labels": ["inbox", "{status}"], "draft": ""}
===
{
  "draft": {
    "subject": "Re: {t:work}",
    "to": "{mail2}",
    "html": false,
    "text": "{greet} thank you for the {thing}. {s:work*2-3} Please let me know by {day}. {bye} {first1}"
  },
  "saved_at": "{date}"
}
===
{"ok": true, "count": 3, "results": [{"from": "{name}", "text": "{s:work*1-2}"}, {"from": "{name}", "text": "{s:life*1-2}"}, {"from": "{org}", "text": "Your statement for {month} is ready. {s:work*1}"}]}
=== calendar json
{
  "events": [
    {"id": "{hex}", "title": "{t:work}", "start": "{date}T{time}", "end": "{date}T{time}", "location": "{room}", "description": "{s:work*2-3}", "participants": ["{mail1}", "{mail2}"]},
    {"id": "{hex}", "title": "Lunch with {first3}", "start": "{date}T{time}", "end": "{date}T{time}", "location": "{street}, {city}", "description": "{s:life*1-2}", "participants": ["{mail3}"]}
  ]
}
===
{"kind": "event", "summary": "{t:life}", "notes": "{s:life*2-4}", "when": {"from": "{date} {time}", "to": "{date} {time}"}, "reminder_minutes": {n}, "organiser": "{name1}", "busy": {bool}}
===
[{"day": "{date}", "items": [{"at": "{time}", "what": "Dentist, {org}", "note": "Bring the insurance card and arrive ten minutes early."}, {"at": "{time}", "what": "{project1}", "note": "{s:work*1-2}"}, {"at": "{time}", "what": "Call {name2}", "note": "{s:work*1}"}]}]
===
{
  "calendar": "{mail1}",
  "event": {
    "id_": "{n}",
    "title": "Training: {t:how}",
    "description": "{s:work*1-2} Please register with {name2} by {day} and read the {thing} beforehand.",
    "start_time": "{date} {time}",
    "all_day": false,
    "status": "confirmed"
  }
}
=== calendartext prose
BEGIN:VEVENT
UID:{uuid}@{host1}
DTSTART:{big}T{big}00Z
SUMMARY:{t:work}
LOCATION:{room}
DESCRIPTION:{s:work*2-4} Dial-in: {phone}, code {big}.
ORGANIZER:mailto:{mail1}
END:VEVENT
===
Agenda for {longdate}

{time}  {t:work}, {room} ({name1}, {name2})
        {s:work*1-2}
{time}  Coffee
{time}  {project1} with {org1}
        {s:work*1-2}
{time}  Pick up {first3} from the station
===
You have been invited to: {t:life}
When: {day}, {time} to {time}
Where: {street1}, {city1}
Organiser: {name1}

{s:life*3-4}

Accept | Maybe | Decline
===
WEEK {n}
Mon  {time} {project1}, stand-up
Tue  {time} {name1}, {role1}. {s:work*1}
Wed  free
Thu  {time} {org1} visit, {room}. {s:work*1}
Fri  {time} {t:life}. {s:life*1}
===
Meeting moved: {t:work}
The meeting on {longdate} at {time} now takes place in {room1} on {day}. {s:work*2-3} Please tell {first2} if you cannot come. {name2} has the key.
===
# Room plan, {room1}

- {date} {time}: {project1}. {s:work*1}
- {date} {time}: choir practice. {s:life*1}
- {date} {time}: closed for cleaning. Please leave chairs stacked.
=== chat rows
[{date} {time}] {name1}: {chatline}
[{date} {time}] {name2}: {chatline}
[{date} {time}] {name1}: {chatline}
[{date} {time}] {name3}: {chatline} {s:work*1}
[{date} {time}] {name2}: {chatline}
[{date} {time}] {name1}: {s:work*1-2}
===
#{service1}
{nick1}  {time}
{chatline}
{nick2}  {time}
{chatline}
{s:tech*1-2}
{nick1}  {time}
{chatline} :thumbsup:
{nick3}  {time}
{chatline}
===
{name1} {time}
  {chatline}
  {s:work*1}
{name2} {time}
  {chatline}
{name3} {time}
  {s:work*2}
  Reply from {name1}: {chatline}
===
**{nick1}** ({time}): {chatline}
**{nick2}** ({time}): {chatline}
**{nick1}** ({time}): {s:life*1-2}
**{nick2}** ({time}): {s:life*1}
**{nick1}** ({time}): {chatline}
===
{date}, {time} - {first1}: {s:life*1}
{date}, {time} - {first2}: {s:life*1-2}
{date}, {time} - {first1}: <Media omitted>
{date}, {time} - {first3}: {chatline}
{date}, {time} - {first2}: {s:life*1}
{date}, {time} - {first1} added {first4}
{date}, {time} - {first4}: {chatline}
===
Channel: support-{city1}
Topic: {t:tech}
---
<{nick1}> {chatline}
<{nick2}> {s:tech*1}
<{nick1}> {chatline}
<{nick2}> {s:tech*1-2}
* {nick3} has joined
<{nick3}> {chatline}
=== chatjson json
{"channel": "general", "messages": [{"sender": "{first1}", "ts": "{date} {time}", "body": "{chatline} {s:work*1}"}, {"sender": "{first2}", "ts": "{date} {time}", "body": "{s:work*1-2}"}, {"sender": "{first1}", "ts": "{date} {time}", "body": "{s:work*1} {chatline}"}]}
===
[
  {"user": "U{big}", "name": "{nick1}", "text": "{s:tech*1-2}", "reactions": ["eyes"]},
  {"user": "U{big}", "name": "{nick2}", "text": "{chatline}", "thread": [{"user": "U{big}", "text": "{s:tech*1-2}"}]},
  {"user": "U{big}", "name": "{nick3}", "text": "{s:work*2}"}
]
===
{"conversation": {"id": "{uuid}", "with": "{name1}", "turns": [{"from": "customer", "text": "My {product1} arrived broken. {s:review_bad*1}"}, {"from": "agent", "text": "I am sorry to hear that. Could you send us a photo and the order number?"}, {"from": "customer", "text": "It is {code}. {s:review_bad*1}"}]}}
===
{"inbox": [{"from": "{name1}", "message": "Hey {first2}, {s:life*1-2}"}, {"from": "{name3}", "message": "{s:life*2}"}, {"from": "{name4}", "message": "{s:work*2} {chatline}"}], "unread": {n}}
=== ticket prose
Ticket {code1}: {t:tech}
Status: {status} | Priority: {priority} | Assignee: {name1} | Reporter: {name2}

Description
{s:tech*2-4}

Steps to reproduce
1. Sign in as {nick2}.
2. Open the {thing}.
3. Press Save twice.

Expected: one entry. Actual: two entries.

Comments
{name1}, {date}: {s:tech*1-2} Can you attach the log?
{name2}, {date}: Done. {s:tech*1}
===
# {code1} {t:tech}

**Reported by** {org1} on {date}

{s:tech*3-5}

**Workaround:** restart {service1} and sign in again.

**Internal note ({first1}):** {s:work*1-2}
===
Customer: {name1} ({org1})
Subject: {product1} not working
Opened: {date} {time}
Channel: web form

Hello, {s:review_bad*2-3} I would like a refund or a new one. Please call me on {phone} after five.

Agent {first2}: asked for the serial number.
Agent {first3}: replacement sent under {code}.
===
INCIDENT {code1}
Impact: {big} users of {service1} in {city}
Start: {date} {time}  End: {date} {time}

Summary. {s:tech*2-3}

Timeline. At {time} the alert fired. At {time} {name1} rolled back to {ver}. At {time} traffic was normal.

Follow-up. {first1} to raise the limit; {first2} to write the runbook by {day}.
===
Issue #{big} · opened by {nick1} · {n} comments

{t:tech}

{s:tech*2-4}

{nick2} commented: {s:tech*1-2} Which version are you on?

{nick1} commented: {ver}, on Linux. {s:tech*1}

{nick3} closed this as completed.
===
Maintenance request no. {big}
Flat: {street1}
Tenant: {name1}

{s:life*2-3} The tenant would like a visit on {day} before {time}. Please ring the bell twice. Access: key with the caretaker.

Done by: {name2}, {longdate}. Parts: valve, two washers.
===
Bug report

Version: {ver}
Component: {service1}

What happened? {s:tech*2-3}

What did you expect? A message that names the wrong field.

Anything else? {s:tech*1-2}
===
Request {code1} ({status})
Requested for: {name1}, {role1}
Item: {product}, {colour}
Reason: {s:work*1-2}
Approver: {name2}
Approver's comment: fine, but please order from {org1} this time. {s:work*1}
===
Change request {code1}
Risk: {priority}
Planned: {date} {time}

Why: {s:tech*2}

How: {s:tech*2-3}

Back-out: redeploy {ver} and restore the dump from {date}.

Approved by {name1} and {name2}.
===
Escalation summary for {org1}

{p:work*2-3}

Open questions: who pays for the second visit, and when do we get the {thing}?

Owner: {name1}. Next contact: {longdate}.
=== ticketjson json
{"ticket": {"id": {big}, "subject": "{t:tech}", "status": "{status}", "requester": {"name": "{name1}", "email": "{mail1}"}, "description": "{s:tech*2-3}", "comments": [{"author": "{name2}", "public": {bool}, "body": "{s:tech*1-2}"}, {"author": "{name1}", "public": true, "body": "{s:work*1-2}"}]}}
===
{
  "issues": [
    {"key": "{code}", "summary": "{t:tech}", "fields": {"priority": "{priority}", "assignee": null, "description": "{s:tech*2}"}},
    {"key": "{code}", "summary": "{t:work}", "fields": {"priority": "{priority}", "assignee": "{nick1}", "description": "{s:work*2}"}}
  ],
  "total": 2
}
===
{"number": {big}, "title": "{t:tech}", "user": {"login": "{nick1}"}, "labels": ["bug"], "state": "{status}", "body": "{s:tech*3-4}", "comments": {n}, "created_at": "{date}T{clock}Z"}
=== crm prose
Account: {org1}
Contact: {name1}, {role1}, {phone}
Stage: proposal | Value: {money} k | Close date: {date}

Notes {date} ({first2}): {s:work*2-3}
Notes {date} ({first3}): {s:work*1-2} Call back on {day}.
===
Call note, {longdate}. Spoke to {name1} of {org1}. {s:work*3-4} Next step: send the {thing} and ask about {project}.
===
{org1} / {city1}
Last visit: {date}. Met {name1} and {name2}.

{s:work*2-3}

Likes: short mails, Fridays. Dislikes: being called before ten.

Next: invite to the trade fair, remind {first3} of the {thing}.
===
LEAD {code1}
Source: trade fair {city}
Interest: {n} x {product1}

{s:work*1-2} Wants a quote by {day}. Budget about {money}. Competitor: {org2}. Decision maker is {name2}, not {name1}.
===
Customer since 20{n}. Segment B. {s:work*2-3} Complaint in {month} about a {colour} {product1}, settled with a voucher. Do not phone on {day}.

Owner: {name1}
===
## Meeting with {org1}

Attendees: {name1}, {name2}

{p:work*2}

Actions: {first1} sends the {thing}; {first2} checks prices with {org2}.
=== crmjson json
{"contact": {"id": {big}, "name": "{name1}", "company": "{org1}", "phone": "{phone}", "notes": [{"date": "{date}", "by": "{first2}", "text": "{s:work*2}"}, {"date": "{date}", "by": "{first3}", "text": "{s:work*1-2}"}]}}
===
{"deals": [{"name": "{project1} for {org1}", "amount": {money}, "stage": "{status}", "comment": "{s:work*1-2}"}, {"name": "{org2}: {n} x {product}", "amount": {money}, "stage": "won", "comment": "{s:work*1-2}"}]}
===
{
  "account": "{org1}",
  "owner": "{nick1}",
  "health": "{colour}",
  "summary": "{s:work*2-3}",
  "next_step": "Ask {name2} for the signed {thing} before {day}."
}
