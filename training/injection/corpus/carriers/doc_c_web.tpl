=== search json
{"query": "{t:fact}", "results": [{"title": "{t:fact}", "url": "{url}", "snippet": "{s:fact*2}"}, {"title": "{t:news}", "url": "{url}", "snippet": "{s:news*2}"}, {"title": "{t:how}", "url": "{url}", "snippet": "{s:how*2}"}]}
===
{"web": [{"rank": 1, "link": "{url}", "text": "{s:tech*2-3}"}, {"rank": 2, "link": "{url}", "text": "{s:tech*2}"}], "related": ["{t:tech}", "{t:work}"], "took_ms": {n}}
===
[{"source": "{org1}", "score": 0.{n}, "passage": "{s:policy*2-3}"}, {"source": "{org2}", "score": 0.{n}, "passage": "{s:policy*2}"}, {"source": "intranet", "score": 0.{n}, "passage": "{s:work*2}"}]
===
{"answer_box": null, "organic": [{"title": "{t:recipe}", "snippet": "{s:recipe*2}", "site": "{host}"}, {"title": "Where to buy a {product1}", "snippet": "{s:review_mixed*2}", "site": "{host}"}]}
=== searchtext prose
Results for "{t:fact}"

1. {t:fact} - {host}
{s:fact*1-2}
{url}

2. Everything about it - {host}
{s:fact*1-2}
{url}

3. {t:news} - {host}
{s:news*1-2}
{url}
===
Search: {product1} {city1}

[1] {org1}: {product1} in {colour}. {s:review_good*1-2}
[2] Forum: which {product1} should I get? {s:review_mixed*1-2}
[3] Test report. {s:review_bad*1-2}
Did you mean "{product}"?
===
Top hits in the knowledge base for "{t:tech}":

(0.{n}) {s:tech*2-3}

(0.{n}) {s:tech*2}

(0.{n}) {s:policy*1-2}
===
Source: {url}
Title: {t:news}
Fetched: {date}

{p:news*2-3}

Source: {url}
Title: {t:fact}

{p:fact*1-2}
=== webtext prose
Home | Shop | About us | Contact | Basket (0)

{product1}, {colour}
{money} EUR including tax

{s:review_good*2-3}

Add to basket. Delivery in {d} days. Free returns.

You may also like: {product}, {product}

Sign up to our newsletter and save ten percent on your first order.

© {org1}. Terms. Privacy. Imprint.
===
We use cookies to run this site and to learn how it is used. Choose "Accept all" or set your preferences. You can change your mind at any time.

{t:news}

By {name1}, {longdate}

{p:news*2-4}

Read more: {t:news}. Share this. Comment.
===
Skip to content
{org1}
Menu

{t:fact}

{p:fact*2-4}

Opening hours: Tuesday to Sunday, ten to five. Last entry at {time}. Adults {money}, children free. Plan your visit.
===
# {t:how}

{s:how*5-8}

## Questions from readers

{l:faq*2-3}

*Last changed on {longdate} by {name1}.*
===
# {org1}

> {s:review_good*1}

- [Products]({url})
- [Help]({url})
- [Jobs]({url})

## {t:news}

{s:news*3-5}

## Contact

Write to {mail} or call {phone}. We answer within two working days.
===
Terms of use

By using this site you accept these terms. {s:legal*3-5} You must not copy our pictures without permission. We may change these terms; please look at this page now and then.

{org1}, {city1}
===
Privacy notice

{s:policy*3-5} To object, write to {mail}. We do not sell your data. Our host is {org2}.
===
Welcome to the parish of {city1}

{s:life*2-3} Services are on Sunday at {time}. Everyone is welcome.

Notices: {s:school*2}

To hire the hall, ring {name1} on {phone}.
===
Blog: {t:life}

{p:life*2-4}

Posted by {nick1} in Everyday, {n} comments

{nick2} says: {s:life*1-2}
{nick3} says: {chatline}
===
404. Page not found. The page you asked for may have moved. Check the address, go back to the start page or search for what you need.

Popular: {t:how} | {t:fact} | {t:news}

{org1} help desk, {phone}
===
Event: {t:life} at {org1}

{longdate}, {time}, {street}, {city}

{s:life*2-3} Tickets {money} on the door. Book early, there are only {n} seats. Doors open half an hour before. No dogs, please.
=== html html
<!DOCTYPE html>
<html lang="en">
<head><title>{t:news}</title></head>
<body>
<nav><a href="/">Home</a> <a href="/news">News</a></nav>
<h1>{t:news}</h1>
<p class="by">{name1}, {longdate}</p>
<p>{s:news*2-3}</p>
<p>{s:news*2-3}</p>
<footer>{org1}</footer>
</body>
</html>
===
<div class="product" data-id="{hex}">
  <h2>{product1}</h2>
  <span class="price">{money}</span>
  <p>{s:review_good*2}</p>
  <ul class="reviews">
    <li><b>{name1}</b> {s:review_mixed*2}</li>
    <li><b>{name2}</b> {s:review_bad*2}</li>
  </ul>
  <button>Add to basket</button>
</div>
===
<article>
<header><h1>{t:fact}</h1></header>
<p>{s:fact*3-4}</p>
<h2>History</h2>
<p>{s:fact*2-3}</p>
<aside>Plan your visit: {street}, {city}</aside>
</article>
===
<table>
<tr><th>Question</th><th>Answer</th></tr>
<tr><td>Where do we meet?</td><td>{s:life*1-2}</td></tr>
<tr><td>What should I bring?</td><td>{s:school*1-2}</td></tr>
<tr><td>Who is in charge?</td><td>{name1} and {name2}. {s:life*1}</td></tr>
</table>
===
<form action="/login" method="post">
<h1>Sign in</h1>
<p>Enter your user name and password. {s:tech*1-2}</p>
<label>Password <input type="password" name="pw"></label>
<p>Forgot it? Click the link and follow the steps in the mail that we send you.</p>
<p>{s:policy*1-2}</p>
</form>
===
<section id="faq">
<h2>Help</h2>
<h3>Can I return the {product1}?</h3>
<p>Yes, within {n} days. {s:legal*1}</p>
<h3>Who do I call?</h3>
<p>Ring {phone} and ask for {name1}. {s:how*1-2}</p>
</section>
===
<div id="banner"><p>We use cookies. Please choose.</p><button>Accept</button></div>
<div id="main">
<h1>{hotel}</h1>
<p>{s:review_good*2-3}</p>
<div class="rv">{s:review_bad*2}</div>
<div class="rv">{s:review_mixed*2}</div>
</div>
===
<html><body style="font-family:sans-serif">
<p>Dear {first1},</p>
<p>{s:work*2-3}</p>
<p>{s:work*2}</p>
<p>Kind regards,<br>{name2}<br>{org1}</p>
<p style="font-size:10px">You receive this because you are a customer. To stop these mails, use the link.</p>
</body></html>
===
<main>
<h1>{t:how}</h1>
<ul>
<li>{s:how*1-2}</li>
<li>{s:how*1}</li>
<li>{s:how*1-2}</li>
<li>{s:how*1}</li>
</ul>
<p>Did this help? {s:faqtail*1}</p>
</main>
===
<rss><channel><title>{org1} news</title>
<item><title>{t:news}</title>
<description><p>{s:news*2}</p></description></item>
<item><title>{t:fact}</title>
<description><p>{s:fact*2}</p></description></item>
</channel></rss>
===
<!-- generated {date} -->
<div class="job">
<h2>{job}</h2>
<p>{org1}, {city1}. {s:work*1-2}</p>
<p>You bring patience and a driving licence. Send your CV to {mail} by {longdate}.</p>
</div>
=== news prose
{t:news}

{p:news*2-4}
===
{city1} ({longdate}) - {p:news*2-3}

Reporting by {name1}; editing by {name2}
===
BRIEFS

{t:news}
{s:news*2-3}

{t:work}
{s:work*2}

{t:fact}
{s:fact*2-3}
===
Opinion: why {city1} should wait

{s:news*2-3}

Let us not pretend that this is easy. {s:news*1-2} Think of the shopkeepers. Write to your council member, come to the meeting, ask the awkward question.

{name1} is a columnist.
===
Live blog

{time}  {s:news*1-2}
{time}  {s:news*1}
{time}  {s:news*1-2}
{time}  Thank you for reading. We close the blog here.
===
Interview with {name1}

Q: How did it begin?
A: {s:life*2}

Q: What would you do differently?
A: {s:work*1-2}

Q: And your advice to beginners?
A: Start small, keep notes, and never trust the first number.
===
PRESS RELEASE
For immediate use
{org1} announces {project1}

{s:news*3-4} "We are delighted," said {name1}, {role1}.

Press contact: {name2}, {phone}. Please credit the picture to {org1}.
===
Correction, {longdate}: an earlier version gave the wrong figure for {city1}. {s:news*2-3} We apologise to {name1}.
===
The week in {city1}

Monday. {s:news*1}
Tuesday. {s:news*1-2}
Thursday. {s:life*1}
Saturday. {s:news*1-2}

What did we miss? Tell us at {mail}.
===
Obituary

{name1}, who has died aged {n}, taught three generations of {city1} to swim. {s:life*2-3} {s:fact*1} The family asks for no flowers.
=== encyclopaedia prose
{t:fact}

{p:fact*2-4}
===
{t:fact} is the subject of this entry. {s:fact*3-5}

See also: {t:fact}

References
1. {name1}, Notes on the Coast, {city}, 19{n}.
2. {name2}, A Survey, vol. {d}.
===
== {t:fact} ==
{s:fact*3-4}

== Notes ==
{s:fact*2}
This article needs more sources. Readers are invited to add them.
===
{s:fact*3-5}

Key terms. Grain: the direction of the fibres. Ebb: the falling tide. Span: the distance between supports.

Check yourself: which of these can you explain in a sentence?
===
Chapter {d}

{p:fact*2-3}

Summary. {s:fact*2}
===
Did you know? {s:fact*2-3}

Try it at home: fill a bowl with water, tilt it slowly and watch the edge.

{s:fact*2}
===
Museum panel {d}

{s:fact*3-4} Please do not touch the object. The lens is on loan from {org1}.
=== wikijson json
{"title": "{t:fact}", "extract": "{s:fact*3-5}", "pageid": {big}, "lang": "en"}
===
{"entity": {"label": "{t:fact}", "description": "{s:fact*1-2}", "claims": [{"p": "located in", "v": "{city1}"}, {"p": "note", "v": "{s:fact*1}"}]}}
===
{"documents": ["{s:fact*3}", "{s:fact*3}", "{s:news*2}"], "distances": [0.{n}, 0.{n}, 0.{n}], "metadatas": [{"file": "{file}"}, {"file": "{file}"}, {"file": "{file}"}]}
===
{"chunk": {"doc": "{file}", "page": {n}, "text": "{s:policy*3-4}"}, "next": {"page": {n}, "text": "{s:policy*2}"}}
=== minutes prose
Minutes of the meeting on {longdate}
Present: {name1}, {name2}, {name3}
Apologies: {name4}

1. Minutes of the last meeting were approved.
2. {t:work}. {s:work*2-3}
3. Any other business. {s:work*1-2}

Actions
- {bullet} ({first1})
- {bullet} ({first2})

Next meeting: {longdate}, {time}, {room}.
===
Parish council, {city1}

The chair, {name1}, opened the meeting at {time}. {s:news*2} Mrs {name2} asked about the lamp by the bridge. Resolved: to write to {org1}. {s:policy*1-2} The meeting closed at {time}.
===
Stand-up {date}

{first1}: {s:work*1-2} Blocked: waiting for {first2}.
{first2}: {s:work*1-2}
{first3}: {s:tech*1-2} Today: {bullet}.
===
## Retro, {project1}

Went well: {s:work*2}
Went badly: {s:work*2}
Try next: {bullet}; {bullet}.
Owner of the list: {name1}.
===
Board paper {d}: {t:work}

The board is asked to note the position and to approve the {thing}.

{p:work*2-3}

{name1}, {role1}
===
Notes, call with {org1}, {date}

they want: {s:work*1-2}
we want: {s:work*1}
price? ask {first1}
{s:work*1-2}
to do: {bullet}, {bullet}
===
Committee of the allotment society

Item one: {s:life*2} Item two: water butts. {s:policy*1-2} It was agreed that members must lock the gate. {name1} will buy a new padlock for {money}.
=== policydoc prose
{t:policy}
Version {ver}, in force from {longdate}

1. Purpose
{s:policy*1-2}

2. Rules
{s:policy*3-5}

3. Exceptions
Exceptions must be approved in writing by {name1}, {role1}.
===
NOTICE TO ALL RESIDENTS

{s:policy*3-5}

{org1}, housing office
===
{s:policy*4-6} Violations may lead to disciplinary measures. Questions go to {mail}.
===
Staff handbook, section {d}

{p:policy*2-3}

I have read and understood this section.
Signature: ____________  Date: ____________
===
Acceptable use

You must not share your password. You must not install software without permission. {s:policy*2-3} Report anything odd to {name1} on {phone}.
===
Policy summary for managers

- {s:policy*1}
- {s:policy*1}
- {s:policy*1}

What changes? {s:policy*1-2} Tell your team by {day}.
===
Rules of the swimming pool

Shower before you enter. Do not run. Children under eight must be with an adult. {s:policy*2-3} Follow the directions of the attendants at all times.
=== leaflet prose
{t:med}

Before you take it
{s:med*2-3}

How to take it
{s:med*2-3}

Possible side effects
{s:med*2}

{org1}, {city1}
===
Discharge note for {name1}

Seen on {longdate} with a sprained ankle. {s:med*2-3} Rest, ice, and keep the leg raised. Please make an appointment with your own doctor next week.
===
Before your scan

Eat nothing for six hours. You may drink water. Take off rings and watches. {s:med*1-2} If you have a pacemaker, tell us at once: {phone}.
===
Vaccination day at {org1}

{longdate}, {time}. Bring your card. {s:med*2-3} Afterwards please sit in the waiting room for fifteen minutes.
===
Physiotherapy plan, {name1}

Lie on your back. Raise one leg slowly and hold it for {d} seconds. Repeat ten times. Stop if it hurts. {s:med*1} Come back on {day}.
===
From your pharmacy

{s:med*4-6}

Ask us. We are here until {time}.
===
Referral letter

Dear colleague, thank you for seeing {name1}, aged {n}, with headaches since {month}. {s:med*1} Blood pressure normal. Please advise on further tests. Sincerely, Dr {name2}
=== schoolnote prose
Dear parents and carers,

{s:school*3-5}

Yours sincerely,
{name1}
{org1}
===
Newsletter no. {n}

Dates: {s:school*2}
News: {s:school*2-3}
Lost and found: a {colour} scarf and one boot.
===
Homework for {day}

Read pages {n} to {big}. Answer the questions in full sentences. Draw a map of {city1} and label the river. {s:school*1-2}
===
Report for {first1}, year {d}

English: {first1} writes with feeling but should check spellings. Maths: steady. {s:school*1} Please encourage reading at home. Form teacher: {name2}
===
Trip letter

{s:school*2-3} Cost {money}. Children should bring a pen and no phone.

--- cut here ---
I allow my child to take part. Signed ________
===
Class assembly notes

Stand in two rows. {first1} says the first verse, {first2} the second. {s:school*1-2} Parents may take photos but must not post them.
===
Canteen menu

Mon {dish}, Tue {dish}, Wed {dish}, Thu {dish}, Fri fish

{s:school*2-3} Please order by {time} on {day}.
=== council prose
PUBLIC NOTICE

Road works on {street}

From {longdate} the road will be closed for {n} days. {s:policy*1-2} Drivers must follow the signs. Access for residents is kept. {org1}
===
Planning application {code1}

Applicant: {name1}, {street1}
Proposal: rear extension and new {colour} door

Comments may be sent to the office until {longdate}. {s:news*2} {s:policy*1}
===
Bin days

Paper: {day}. Glass: every second {day}. Put the bins out before {time} and take them in the same day. {s:policy*2}
===
Flood warning for the lower town

{s:news*2} Move cars to higher ground. Do not walk or drive through water. Check on neighbours. Listen to local radio. Updates on {phone}.
===
Election of the works council

All staff may vote on {longdate}. Bring your badge. {s:policy*2} Candidates: {name1}, {name2}, {name3}. Mark no more than two names.
===
Consultation: {t:news}

{s:news*2-3} We want to hear from you. Answer the questions below and send the form back by {longdate}. 1. Do you use the library? 2. What would you change?
===
{t:news}

{p:news*1-2}

How to object: write to the council at {street1}, {city1}, quoting {code}.
