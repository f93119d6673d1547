"""Common English words, for putting spaces back; counted once over the project's own training texts."""

__all__ = ["WORDS"]

_LIST = """
a aarhus aas able about above abstract accept accepted access according account accounts across act
action activity adapter add added address adeyemi adler admin administrator advance advice after again
against age agent agents agree agreed agreement ahead ai aid air alan alarm all allotment allowed alone
along already also always am amara amendments among amount an and annex another answer answers any
anyone anything api apologise app apple apples applicant applies apply approval approved april archive
are around arrival arrive arrived article as asap aside ask asked asking asks asleep assign assistant
assumed aster at attached attack attacker attempts attention audit august aunt auth author authorization
available avenue aviation away aziz baby back background backup bad bakery balance banana banerjee bank
base bash basket battery be beatrix because bed been bees before begin beginner begins behind being bell
below bergen best better between beyond bicycle bicycles big bike billing bin bins birds birthday bit
bjorn black block blocked blocks blue bluepeak board boat body boiler bolts book booked booking books
boss bot both bought box branch brandt bread break breakfast breaks brick bridge bright bring bristol
broke broken brother brought browser budget buffer bug build builder built bullet bus but butter button
buy by bypass byrne cache cake calendar call called callers calls calm came can cancel cannot cape
capital car card care carefully carla carried carrier carry cars case cat catering caused cedarworks
cells centre certificate chair chairs change changed changes channel chapel chapter character characters
charge chat chatbot chatgpt cheap cheaper cheat check checked cheers chess chicken child children choice
choir choose chop city claims class classify clause clean cleaning clear clearly click client clinics
clock clocks close closed closes closing cloth co coach coast coat code codes coffee cold colleague
collect collected collecting collections colour columns com come comes coming command commands comment
comments commit common company compare competitors complaint complete condition confidential config
configuration confirm confirmation confused connection conor consent contact contain container content
context continue contract control convenience conversation convert cook copper copperfield copy cork
corner correct corrected cost costs could council count counted countries course courts cover crash
create credit csv curl currency curry customer customers cut daily damp dark darker dashboard data
database date dates daughter day days dd dead dear debug december decide decision def defaultdict
degrees delay delete deleted delgado deliver delivery delphine demir dental denver depends deprecated
describe description desk detailed details dev developer dialogue did died differ difference direction
disable discount discuss display disregard div dmitri do docs docstring doctor document does dog dogs
doing done door dose down doyle dr draft drained drill drive driving drop dropped drops dry due dump
duplicates during dutch each earlier early eat effect effects egg eileen either electric electricity
eleven else elsewhere email emojis employees empty en end ended endpoint ends energy engineer english
enough enter entries entry env environment error errors escape essay esther estimate eu eur euros even
evening event events ever every everybody everyone everything exact exactly example examples exclusive
execute exfiltrate exit expected expense experiment expired explain explains export exports extension
extra eyes failed fails fair fake fall falls false family faq far farid farrell faster father faulty
favourite february feed feeding feel felix fence fernhill fernway fewer fibres field fields fifteen
fifth fifty figures file files fill film filter filters final finally finance find fine finish finished
fire firm first fish five fix fixed flat float floor flour fog fold folder follow following follows for
force forecast forget forgot forgotten form formal format forty forward found four fourth free french
fresh friday friend friendly from front fry full function furniture further fuss fyi game games gap
garage garden gas gate gateway gave gb general gently german get gets getting ghent gift git gita give
given gives giving glass go goes going gone good goods got grace grade grammar granite grant graz great
green greeting grew grey grill ground group groups grow grows growth guard guess guest guests guide
guidelines had haddad half halifax hall hamid hana hand handbook handed handle hands hanoi happens happy
harbour harbourline hard harmless hartnell has hash have he head header headings headline health hear
heard heat held hello help helpful helps her herbs here heron hey hi hidden hide high hill hills him
hint his history hit hold holds holes holidays holloway home homework honest hospital host hotel hotels
hotline hour hours house housing how howard html http https human hundred hurry hurt i id idea ideas if
ignore ignored image import important in inbox include included includes index info information
ingredients ingrid inject injection input install instance instead instruction instructions insurance
interest interested internal interview into introduction invalid inventory invoice invoices is it item
items its itself ivo jailbreak jam january jasmine java jazz job jobs joinery joins joke jonah joon json
july june jurisdiction just kamau kb keep keeps keiko kept kestrel kettle key keyboard keys kg kids kill
kilometres kind kitchen km knee knocked know knowledge known knows kofi kowal krakow la lab label labels
lack lamp landlord lane language laptop large largest last lasts late later latin law layout lead leak
leaks learn learning least leave leaves leeds left legal lemon len lena length lentil less let lets
letter letters level levels li liability liable liam library lichen lid life lift light lighthouse like
likes limerick limit limited limits linden lindqvist line lines link lisbon list listen listens lists
little live living load locale lock locked log login logistics logo logs lol long longer look looked
looking looks loop lose loses lost love lovely lower lumen lunch lund lyle lyon machine made magic mail
mailer mails main make makers makes man manager managers manual many map maple mapleworks marathon march
marcus mark markdown market marks marlow marsh master match matches matter matters max may maybe md me
mean means meant medical medieval meet meeting meets members memory mendes mensah mention menu meridian
message messages method middle might migration migrations milk mill milliseconds mina mind mine minimum
minute minutes miss missing mistakes mixed mm mobile mode model models moll moment monday mondays money
month monthly months montreal moon more mori morning most mostly mounted move moved mr mrs ms msg much
museum mushroom music must mutual my nadia nair nairobi name names native near need needed needs
negative neighbour neighbours neither net network neutral never new news newsletter next nice night
nights nine no nobody node noise none noon noor northern northfield northgate not note notes nothing
notice notices novel november now null number numbers obey object obtain october of off offer offers
office often ok okafor okay old older oldest olive oliver on once one ones onions online only open
opened opening openings opens operator opposite or orchard order ordered orders org organiser original
osaka oslo ostermann other others our out outdoor outer outline output outside oven over override own
owner packaging packed page paid paint pair pandas paper papers paragraph paragraphs parcel park parking
parrot parser part participants parties partners parts party pass passed passes password passwords paste
pasted path patience pause pay paying payloads payment payments pdf people per percent perfect
permission person persona petrov phone photo photos phrase pick picture pictures pie pieces pike pin
pinecrest pipes place places plain plan planned plans plant plants platform play please pls plum plumber
poem point points policy polite poor popular port portal portions porto portuguese positive post potato
power practice praised prescott present press pressure pretend previous price prices primary print
printer prior priority private priya probably problem process product project promised prompt prompts
proof proofread properties property protection protocol proxy public pull purple purpose push put py
python qty quality quarter quentin query question questions queue quick quickly quiet quill
quillandpress quiz quote quoted quotes rahman rain raise raises ran random rang range ranking rate
rather rating re reach read reader reading readme reads ready real really reason reasonable receipt
received recent reception recipe recommend record records red redstone ref refresh refund refuse regards
region registered reid release remainder remark remove removed renewed rent repair repeat repeated
replace replaced reply report reported request requested requests required requires reset residents
respond response responsible rest restrictions result results retired retry return returned returns
reveal revert review reviewed reviews rewrite rhyme rice riddle ridgeline right rights ring rings rinse
rise risk risotto river road robot robotics role roleplay rollout roof room rooms root rosa rose rota
rotate rough round roux row rows rude rule rules run running runs safe safety said sale sales salt sam
same sample samples sato saturday save saw say says scene sceptical schedule scheduled schema school
scope score screen screw sea search season second seconds secret secrets section security see seen
select self send sender sends sent sentence sentences separate september serve server service session
sessions set settings setup seven several sh shall share shared she shed sheet shell ship ships shop
shopping short shortcuts shorter should show showed shower shown shows siddiqui side sidebar sign
signature signed signs simmer simple simply simulate since sing single sink site sites six size sketch
skip skipped sky sleep slide slides slow slowly small smaller snippet so society software sold some
somebody someone something song sore sorry sort sorted sound sounds soup source southern spaces spanish
speak speaker species speech speed spell spelling spend spent spoke spoon spring sql square src staff
stage stairs stairwell stand stands star stars start started starts state stated statement station
status stay stayed stays stefan step steps still stock stone stood stop stopped stops store stored story
stove street strict string structure student study style subject sublet such sugar suggest suggested sum
summarise summary summer sun sunday sundial supplier supply support suppose sure surface survey swap
switch sync synonyms system systems table tablets take taken takes talk talked talking tallyhub tampere
target task taste tastes tax td tea teacher team tell tells template ten tenant terms terracotta tessa
test tested tests text than thank thanks that the their them then there these thesis they thin thing
things think third thirty this thorne those though thought thousand thread three through thursday thx
ticket tickets tides tidewater tighten till time times tin tips tired title to today todo together token
tokens told tom tomatoes tomorrow tone tonight too took tool tools top topic torres total touch tour
town tr trade train trained training trains transfer translate travel treat treated trip true trust try
ts tuesday turin turn turned turnips turns twenty twice two txt type typo typos ul um umar unchanged
unclear under understood unit unknown unless unlock unlocked unrestricted until unused up update updated
upstream urgent us use used user users uses usual utc vaccines valencia valid valley value values valve
van vantro vendor vera verify verse version very view village visible visit visited visitors voice
volcanoes volkov volunteers vote wait waited waiter waiting walk wall want wanted wants ward warden
warehouse warm warmer warn warning was waste watch water way we weak weather web website wednesday week
weekly weeks weighs weight weiss welcome well wellington went were wesley west what whatever when
whenever where whether which while white whites whitlow who whole whose why will win wind window winds
wins winter wish wishes with within without wood word words work worked worker workers working works
worse worth would write writing written wrong wrote www ximena xlsx yaml year years yellow yes yesterday
yet you young your yours yourself yuki yusuf yyyy zero zip zoe zone
"""

WORDS = frozenset(_LIST.split())
"""In lower case."""
