=== cv prose
{name1}
{street1}, {city1} | {phone} | {mail1}

Profile
{job1} with {n} years of experience. {s:cvline*2}

Experience
20{n} to today: {job}, {org1}
{s:cvline*2-3}
Earlier: {job}, {org2}
{s:cvline*1-2}

Education
Diploma, {city}

References on request.
===
CURRICULUM VITAE

Name: {name1}
Born: {longdate}
Languages: English, Portuguese

- {s:cvline*1}
- {s:cvline*1}
- {s:cvline*1}

Hobbies: choir, chess. {s:life*1}
===
Application as {job1}

Dear {name2},

I read your advertisement with great interest. {s:cvline*3-4} I would be glad to introduce myself in person. Please find my certificates attached.

Yours sincerely,
{name1}
===
Reference

{name1} worked for {org1} as {job1}. {s:cvline*2-3} We were sorry to see {first1} go and recommend {first1} without reservation.

{name2}, {role1}
===
## {name1}, {job1}

**Skills:** spreadsheets, first aid, patience

**Projects**
- {project}: {s:cvline*1}
- {project}: {s:cvline*1}

Available from {longdate}.
===
Candidate {n}: {name1}. {s:cvline*3-4}
===
Interview feedback, {name1} for {job1}

Strong: {s:cvline*2}
Weak: nervous at first; vague about dates.
Vote: yes. Ask {org1} for a reference and check the certificate.
=== cvjson json
{"applicant": {"name": "{name1}", "email": "{mail1}", "summary": "{s:cvline*2-3}", "jobs": [{"employer": "{org1}", "text": "{s:cvline*1-2}"}, {"employer": "{org2}", "text": "{s:cvline*1}"}], "cover_letter": "Dear {name2}, {s:cvline*2-3} I look forward to hearing from you."}}
===
{"profiles": [{"name": "{name1}", "headline": "{job1} at {org1}", "about": "{s:cvline*2-3}"}, {"name": "{name2}", "headline": "{job}", "about": "{s:cvline*2}"}]}
=== jobad prose
{job1}, {org1}, {city1}

What you will do: {s:cvtask*2-3}
What you bring: patience, a driving licence and {d} years of practice.
What we offer: {n} days of leave and free coffee.

Apply by {longdate}: {mail}. Please name your earliest start.
===
We are hiring! {org1} is looking for a {job1}. {s:cvtask*3-4} Send us your CV, no photo needed. Do not worry if you do not tick every box.
===
VACANCY {code1}
Post: {job1} (part time)
Reports to: {name1}

Duties
- {s:cvtask*1}
- {s:cvtask*1}
- {s:cvtask*1}

Only those invited to interview will be contacted.
===
Volunteer as a reading mentor

{s:school*1-2} {s:cvtask*1-2} Call {name1} on {phone} or drop in.
===
Internship, {month} to {month}

You will help {name1} with {project1}. {s:cvtask*2-3} Tell us in half a page why you want to come.
=== contract prose
SUPPLY AGREEMENT

between {org1} ("Supplier") and {org2} ("Customer")

{s:legal*4-6}

{city1}, {longdate}
===
Clause {d}. {s:legal*2}

Clause {n}. {s:legal*2-3}

Schedule. Goods: {product}. Price: {money}.
===
NON-DISCLOSURE AGREEMENT

The parties wish to talk about {project1}. {s:legal*3-4} The receiving party shall not disclose the information to anyone and shall return it on request.
===
Lease of {street1}

Landlord: {name1}. Tenant: {name2}. Rent: {money} a month.

{s:legal*3-4} {s:policy*2}
===
Terms of sale

{p:legal*2-3}
===
Letter before action

{name1} instructs us. You owe our client {money}. Unless you pay by {longdate} we shall issue proceedings without further notice. {s:legal*1-2} Do not contact our client directly.
===
Order of the court of {city1}

Upon hearing the parties it is ordered that: 1. The defendant shall deliver up the keys. 2. {s:legal*1} 3. Costs are reserved. Dated {longdate}
===
Licence text

Permission is granted to use the pictures for teaching. You must name {name1} as author. You may not sell copies. {s:legal*2}
===
Amendment no. {d} to the contract of {longdate}

The parties agree as follows. {s:legal*2-3} All other terms stay unchanged.
=== abstractdoc prose
{t:fact}: a field study

{name1}, {name2}

Abstract. {s:abstract*4-6}

Keywords: method, survey, {city}
===
Background: {s:abstract*1-2}
Methods: {s:abstract*2}
Results: {s:abstract*1-2}
Conclusion: {s:abstract*1-2}
===
{s:abstract*5-7}
===
Review of manuscript {code1}

The paper is clearly written. {s:abstract*2} The authors should explain how missing values were treated and should move table {d} to the appendix. Minor: line {n}, typo. I recommend revision.
===
Introduction

{p:abstract*2} {s:fact*2}
===
Preprint {code1}, {t:fact}. {s:abstract*4-5}
===
Lab notebook, {name1}

{longdate}. Weighed {n} samples. {s:abstract*1-2} Balance drifting, ask {first2}. Repeat tomorrow with fresh buffer. Do not open the oven before {time}.
===
Thesis proposal

Question: why do the tides at {city1} differ from the table? {s:fact*2} {s:abstract*2-3} Timetable: {month} to {month}.
=== recipetext prose
{dish1}

Serves {d}

- {ingredient}
- {ingredient}
- {ingredient}
- {ingredient}

{s:recipe*4-6}
===
{s:life*1-2} So here is how I make {dish1}.

You need {w:ingredient*4-5}.

{s:recipe*4-6} Enjoy!
===
# {dish1}

## Ingredients
- {b:ingredient*4-6}

## Method
1. {s:recipe*1}
2. {s:recipe*1}
3. {s:recipe*1-2}
4. {s:recipe*1}

**Tip:** {s:recipe*1}
===
Grandmother's {dish1}. {s:recipe*5-7} She always said: do not hurry.
===
Comment by {first1}: made the {dish1} twice. {s:recipe*1-2} {s:review_good*1} Next time less salt!
===
Menu for {day}: {dish}, {dish}. {s:recipe*3-4} Tell the guests that it contains nuts.
=== recipejson json
{"recipe": {"name": "{dish1}", "ingredients": ["{ingredient}", "{ingredient}", "{ingredient}"], "steps": ["{s:recipe*1}", "{s:recipe*1-2}", "{s:recipe*1}", "{s:recipe*1}"], "comments": ["{s:review_good*1-2}"]}}
===
{"id": {big}, "title": "{dish1}", "instructions": "{s:recipe*4-5}", "ready_in": {n}, "notes": "{s:life*1}"}
=== manual prose
{t:how}

{s:how*5-8}
===
{product1}: quick start

1. {s:how*1}
2. {s:how*1}
3. {s:how*1-2}
4. {s:how*1}

Warning: do not ignore the red light. Unplug the device and call {phone}.
===
Troubleshooting

No light? Check the plug.
Strange noise? {s:how*1-2}
Error {code}? {s:how*1}

If nothing helps, contact {org1}.
===
Safety

{s:how*3-4} Keep children away. This device may only be opened by trained staff.

Care

{s:how*2-3}
===
Step-by-step: {t:how}

You will need: a cloth, a key, a bowl.

{l:how*5-7}
===
Guide for volunteers

Arrive at {time}. Wear the {colour} vest. {s:how*1} Direct visitors to {room1}. If someone feels ill, call {name1}.
===
Assembly instructions, part {d} of {n}

Insert dowel A into hole B. Do not use force. {s:how*2-3} Ask a second person to hold the side panel.
===
Exercise for the team

Close your eyes. Think of a place where you felt safe. {s:life*1-2} Open your eyes and tell your neighbour about it.
=== ocr ocr
{org1}
{street1}, {city1}

INVOICE {code1}  {date}

{s:legal*2-3} Total {money}
===
{t:news}

{p:news*2}
===
{name1} {longdate}

{greet} {s:life*4-5}
===
Minutes {longdate}. {s:work*3-5} Signed {name1}
===
{t:med}

{s:med*4-6}
===
Receipt {org1} {date} {time} {product} {money} {dish} {money} Total {money} Thank you, come again. {s:policy*1-2}
===
Page {n}

{p:fact*2-3}
===
Delivery note {code1}. {s:work*3-4} Received in good order: {name1}
===
Class {d}. {s:school*3-5}
===
Contract of sale. {s:legal*4-5}
=== call prose
Call {code1}, {date} {time}

Agent: {org1}, this is {first1} speaking, how can I help you?
Caller: {s:call*1-2}
Agent: {s:call*1}
Caller: {s:call*1}
Agent: {s:call*1-2}
Caller: {s:call*1}
Agent: Thank you for calling. Goodbye.
===
[00:00] {first1}: {s:call*1}
[00:{n}] {first2}: {s:call*1-2}
[01:{n}] {first1}: {s:call*1-2}
[02:{n}] {first2}: {s:call*1}
[03:{n}] {first1}: {s:call*1}
===
Voicemail from {phone}, {time}: Hello, this is {name1}. {s:call*2-3} Please ring me back. Bye.
===
SPEAKER 1: {s:work*1-2}
SPEAKER 2: mhm
SPEAKER 1: {s:work*1-2}
SPEAKER 2: {s:call*1}
SPEAKER 3: sorry, you are on mute
SPEAKER 2: {s:work*1}
===
Podcast transcript

Host: Welcome back. With me is {name1}. Tell us about it.
Guest: {s:fact*2-3}
Host: Really?
Guest: {s:fact*2}
Host: Where can people find you?
Guest: At {url}.
===
Summary of call: customer {name1} rang about order {code1}. {s:call*2-3} Outcome: {status}.
=== subtitles rows
1
00:00:0{d},100 --> 00:00:09,400
{s:call*1}

2
00:00:1{d},000 --> 00:00:19,900
{s:life*1}

3
00:00:2{d},000 --> 00:00:29,500
{s:life*1}

4
00:00:3{d},000 --> 00:00:39,000
{s:call*1}
===
WEBVTT

00:0{d}.000 --> 00:0{d}.900
{s:fact*1}

00:1{d}.000 --> 00:1{d}.900
{s:fact*1}

00:2{d}.000 --> 00:2{d}.900
{s:fact*1}
===
[music]
{s:life*1}
[door slams]
- {s:call*1}
- {s:call*1}
[sighs]
{s:life*1}
===
{clock} >> good evening, here is the news
{clock} >> {s:news*1}
{clock} >> {s:news*1}
{clock} >> and now the weather, please stay tuned
{clock} >> {s:news*1}
=== poem rows
{t:fact}

{l:verse*4}

{l:verse*4}
===
To {first1}

{l:verse*4-6}

({city}, {month})
===
{l:verse*4}

Refrain:
Come away, come away,
the evening is long.

{l:verse*4}
===
Song sheet {d}

Verse one
{l:verse*4}
All together now: clap your hands and sing!
{l:verse*3}
===
Three short poems by {name1}

i
{l:verse*2}
ii
{l:verse*2}
iii
{l:verse*2}
