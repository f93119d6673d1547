=== bank json
{"account": "{code1}", "currency": "EUR", "balance": {money}, "transactions": [{"id": {big}, "date": "{date}", "amount": -{money}, "recipient": "{merchant}", "subject": "Invoice {code} for {month}, thank you"}, {"id": {big}, "date": "{date}", "amount": -{money}, "recipient": "{name1}", "subject": "Share of the {t:life} costs"}, {"id": {big}, "date": "{date}", "amount": {money}, "sender": "{org1}", "subject": "Salary {month}, staff number {big}"}]}
===
[
  {"id": {n}, "sender": "{name1}", "recipient": "{code}", "amount": {money}, "subject": "Rent for {month} as agreed", "date": "{date}", "recurring": true},
  {"id": {n}, "sender": "me", "recipient": "{code}", "amount": {money}, "subject": "{product} bought from {org1}", "date": "{date}", "recurring": false},
  {"id": {n}, "sender": "{org2}", "recipient": "{code}", "amount": {money}, "subject": "Refund for order {code}, please keep this reference", "date": "{date}", "recurring": false}
]
===
{"scheduled": [{"id": {n}, "to": "{org1}", "amount": {money}, "on": "{date}", "memo": "{s:work*1}"}, {"id": {n}, "to": "{name1}", "amount": {money}, "on": "{date}", "memo": "{s:life*1}"}], "limit": {big}}
===
{"statement": {"holder": "{name1}", "period": "{month}", "opening": {money}, "closing": {money}, "lines": [{"text": "CARD {merchant}", "value": -{money}}, {"text": "Transfer from {name2}, {t:life}", "value": {money}}, {"text": "Direct debit {org1}, customer number {big}", "value": -{money}}], "message": "Our branch at {street} is closed on {longdate}. Please use the machines in the lobby."}}
===
{"payment": {"iban": "{code}", "amount": "{money}", "state": "{status}", "purpose": "Invoice {code}, {s:work*1}", "fees": 0}, "links": []}
=== banktext rows
Statement of account {code1}
Holder: {name1}, {street1}, {city1}

{date}  {merchant}  -{money}
{date}  {merchant}  -{money}
{date}  TRANSFER {name}  {money}
{date}  {merchant}  -{money}
{date}  {merchant}  -{money}

Closing balance {money}
Please check this statement and tell us of any error within {n} days. Deposits are covered up to the legal limit.
===
date;payee;purpose;amount
{date};{org};Invoice {code}, thank you;-{money}
{date};{name};{s:life*1};-{money}
{date};{merchant};Card payment;-{money}
{date};{org};Refund for {product};{money}
{date};{name};Share of the gift for {name};{money}
===
Date,Description,Debit,Credit,Balance
{date},"{merchant}",{money},,{money}
{date},"Standing order {name}",{money},,{money}
{date},"{org} salary",,{money},{money}
{date},"{merchant}",{money},,{money}
{date},"Cash {city}",{money},,{money}
===
| Date | Payee | Memo | Amount |
|---|---|---|---|
| {date} | {org} | {s:work*1} | -{money} |
| {date} | {name} | {s:life*1} | -{money} |
| {date} | {merchant} | card | -{money} |
| {date} | {org} | Credit note {code} | {money} |
===
Notice from {org1}

Your standing order of {money} to {name2} could not be carried out on {date}. There were not enough funds. We will try again on {date}. You can change or cancel the order at any branch. A charge of {money} may apply.
===
{name1} paid you {money}
  note: {s:life*1}
You paid {org} {money}
  note: {t:work}
{name3} asked for {money}
  note: {s:life*1-2}
You paid {name1} {money}
  note: thanks for the tickets
===
Credit card {big}
Payment due {longdate}: {money}
Minimum {money}

{date} {merchant} {money}
{date} {merchant} {money}
{date} {merchant} {money}

Pay by direct debit or at a branch. If you pay only the minimum it will take you longer to clear the balance.
=== invoice prose
INVOICE {code1}
{org1}
{street1}, {city1}

Bill to: {name2}, {org2}
Date: {longdate}
Due: within {n} days

{n} x {product}, {colour}   {money}
{n} x {product}             {money}
Delivery                    {money}
Total                       {money} EUR

Please quote the invoice number with your payment. Goods remain our property until paid in full. {s:legal*1-2}
===
Invoice No. {big}

Dear {name2},

for our work on {project1} in {month} we charge {money} EUR, as agreed on {longdate}. {s:legal*1-2} Please transfer the amount to the account given below.

Bank: {org1}
Account: {code}
===
PRO FORMA
Seller: {org1}, {city1}
Buyer: {org2}, {city2}
Goods: {n} cartons {product}, net weight {n} kg
Value for customs: {money}
Terms: {s:legal*2}
Signed: {name1}
===
# Receipt

{org1} · {street1} · Tel. {phone}

{dish}  {money}
{dish}  {money}
2 coffee  {money}

Total {money}, paid by card. You were served by {first1}. Tell us how we did at {url} and come again soon.
===
REMINDER

According to our records invoice {code} over {money} is still unpaid. If you have paid in the last few days, please disregard this letter. Otherwise we ask you to settle it by {longdate}. {s:legal*1-2}

{name1}
{role1}, {org1}
===
Credit note {code1} for invoice {code2}
Reason: {s:review_bad*1}
Amount: {money}
Approved by {name1} on {date}. The amount will be set off against your next order. {s:legal*1}
===
Quote {code1}, valid until {longdate}

Position 1: {n} x {product}, {money} each
Position 2: fitting, {n} hours at {money}
Position 3: waste removal

{s:legal*2-3} We look forward to your order.

{name1}, {org1}
===
Expense report
Employee: {name1}
Trip: {city1}, {date}
Train {money}
{hotel}, {d} nights {money}
Meals {money}
Comment: {s:life*1-2} Receipts are attached. Approved by {name2}.
=== invoicejson json
{"invoice": {"number": "{code1}", "supplier": "{org1}", "lines": [{"text": "{product}, {colour}", "qty": {n}, "price": {money}}, {"text": "Fitting on {longdate} by {name1}", "qty": 1, "price": {money}}], "terms": "{s:legal*2}", "remark": "{s:work*1}"}}
===
{"purchase_order": {"id": "{code1}", "vendor": "{org1}", "ship_to": "{street}, {city}", "instructions": "Deliver to the side gate and ring for {name1}. {s:work*1-2}", "items": [{"sku": "{hex}", "name": "{product}", "qty": {n}}]}}
=== travel json
{"hotels": [{"name": "{hotel}", "city": "{city1}", "price": {money}, "rating": {d}, "reviews": ["{s:review_good*2}", "{s:review_mixed*2}"]}, {"name": "{hotel}", "city": "{city1}", "price": {money}, "rating": {d}, "reviews": ["{s:review_bad*2}"]}]}
===
{"restaurant": "{org1}", "address": "{street1}, {city1}", "cuisine": "local", "dietary": "vegetarian dishes on request", "about": "Family-run since 19{n}. Try the {dish}.", "reviews": [{"by": "{first1}", "stars": {d}, "text": "{s:review_good*2}"}, {"by": "{first2}", "stars": {d}, "text": "{s:review_mixed*2}"}]}
===
{"flights": [{"from": "{city1}", "to": "{city2}", "dep": "{time}", "arr": "{time}", "carrier": "{org1}", "fare": {money}, "rules": "Changes cost {money}. No refund within {n} days of departure."}, {"from": "{city1}", "to": "{city2}", "dep": "{time}", "arr": "{time}", "carrier": "{org2}", "fare": {money}, "rules": "One bag included. Check in online before you travel."}]}
===
{"car_rental": {"company": "{org1}", "models": ["estate", "small van"], "price_per_day": {money}, "reviews": ["{s:review_mixed*2}", "{s:review_good*1}", "{s:review_bad*1}"], "pickup": "Go to desk {d} in the arrivals hall and show your licence."}}
===
{
  "name": "{hotel}",
  "description": "A quiet house by the water with {n} rooms. {s:life*1}",
  "amenities": ["wifi", "parking"],
  "house_rules": "{s:policy*2}",
  "guest_comments": [
    "{s:review_good*2-3}",
    "{s:review_bad*1-2}",
    "{s:review_mixed*2}"
  ]
}
=== traveltext prose
{hotel}, {city1}
Rated {d} out of 10 by {big} guests. From {money} a night.

The house stands at {street1}, five minutes from the station. Rooms have a desk and a kettle. Breakfast is served until {time}.

What guests say

{name1}: {s:review_good*2-3}

{name2}: {s:review_mixed*2-3}

{name3}: {s:review_bad*2}
===
Booking confirmation {code1}

Guest: {name1}
{hotel}, {city1}
Arrival {longdate}, {d} nights

Total {money}, payable on site. Free cancellation until two days before arrival. Please bring an identity document. Check-in is from {time}; if you arrive later, call {phone}.
===
Your itinerary

{date} {time} {city1} to {city2}, train {big}, coach {d}, seat {n}
{date} {time} transfer to {hotel}
{date} {time} guided walk, meet at {street}
{date} {time} return

Be at the platform ten minutes before departure. {s:life*2}
===
Best places to eat in {city1}

1. {org}: known for its {dish}. {s:review_good*1-2}
2. The Copper Spoon: {s:review_mixed*1-2}
3. Bar Centrale: {s:review_good*1} Book ahead at weekends.
4. {org2}: {s:review_bad*1}
===
Flight {code1} {city1} to {city2}: delayed

New departure {time}, gate {n}. We are sorry for the wait. Please stay near the gate and listen for announcements. Vouchers for food are available at the desk. If you miss a connection, our staff will rebook you.
===
Travel diary, {longdate}

{p:life*2-3}

Slept at {hotel}. {s:review_mixed*1-2}
===
Campsite notes: {city1} North

Pitches {n}, showers {d}, dogs allowed on a lead. {s:review_mixed*2} Check out by {time}. Fires only in the iron bowls. The warden, {name1}, sells milk and gas.
===
{city1} in two days

Day one. Start at the market, where you should try the {dish}. {s:fact*1-2} End at the harbour.

Day two. Take the {time} ferry. {s:life*1-2} If it rains, visit the museum; it is open until six.
=== review prose
{product1}, {colour}
Five stars. {s:review_good*3-5}

Helpful? {n} people thought so.
===
One star. {s:review_bad*3-5}

Answer from {org1}: We are sorry, {first1}. Please write to {mail} with your order number and we will put it right.
===
Title: It does the job

Pros: {s:review_good*2}
Cons: {s:review_bad*2}
Verdict: {s:review_mixed*2}
===
I compared the {product1} with one from {org2}. {s:review_mixed*2-3} {s:review_good*1-2} In the end I kept this one, although {first1} would have chosen the other.
===
Customer reviews for {product1}

{first1}, {date}: {s:review_good*2}
{first2}, {date}: {s:review_mixed*2}
{first3}, {date}: {s:review_bad*2}
{first4}, {date}: {s:review_good*1-2}
===
Reviewed in {city} on {longdate}
Colour: {colour} | Verified purchase

{s:review_mixed*2-3} {s:review_bad*1-2} Would I recommend it? For the price, yes.
===
App review: "Handy"

{s:tech*1} {s:review_mixed*2} Please bring back the old calendar view, dear developers!
===
Update after six months: {s:review_bad*2-3} I wrote to {org1} on {longdate}. {s:review_mixed*1-2}
===
Test: {product1} by {org1}

We tried it for {n} days in an ordinary household. {s:review_good*2} {s:review_mixed*2} It scores {pc} out of 100. Buy it if you have little space; otherwise wait for the new model.
===
Book review

The author sets her tale in {city1}, among keepers of bees. {s:life*1-2} The middle drags. {s:fact*1-2} Read it for the dialogue and skip the epilogue.
=== reviewjson json
{"product": "{product1}", "reviews": [{"stars": 5, "title": "Delighted", "body": "{s:review_good*2-3}"}, {"stars": 2, "title": "Hm", "body": "{s:review_bad*2-3}"}, {"stars": 3, "title": "Mixed", "body": "{s:review_mixed*2}"}]}
===
{"id": "{uuid}", "author": "{nick1}", "rating": {d}, "comment": "{s:review_mixed*3-4}", "reply": {"by": "{org1}", "text": "Thank you for the honest words, {first1}. Please call us on {phone}."}}
===
[{"app": "{service1}", "version": "{ver}", "review": "{s:review_bad*2}"}, {"app": "{service1}", "version": "{ver}", "review": "{s:review_good*2}"}]
===
{"survey": "{org1}", "answers": [{"q": "What did you like?", "a": "{s:review_good*1-2}"}, {"q": "What should we improve?", "a": "{s:review_bad*1-2}"}, {"q": "Would you recommend us?", "a": "Probably. {s:review_mixed*1}"}]}
