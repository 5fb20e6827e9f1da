/**
 * Words that programmers use for the same thing: a line is a group, a word may stand in several.
 * Compared by stem, with file names only (the feature synonym_stem). Hand-made for this project.
 */
export const synonymGroups = `
auth authentication authenticate login signin credential
authorization permission access acl
db database
config configuration settings options preferences
init initialize initialization setup bootstrap startup start
dir directory folder
err error exception failure fail fault
msg message
req request
res response reply
ctx context
conn connection
param parameter argument arg
env environment
doc documentation docs
util utility helper
cache caching memoize memo store
serialize serialization marshal encode encoder encoding write writer
deserialize deserialization unmarshal decode decoder decoding parse parser read reader
delete remove destroy drop unregister
create make build new construct builder
update modify change edit
fetch get retrieve load
send dispatch emit publish
listen subscribe observe watch
event signal notification
thread concurrency concurrent parallel
async asynchronous future promise
queue buffer
lock mutex semaphore
retry backoff
timeout deadline expire expiry ttl
log logging logger
route router routing url path
middleware interceptor filter plug
handler callback hook listener
template render view
session cookie
validate validation validator check constraint
schema model type
query sql statement
test testing spec
cli command commandline
flag option switch
stream streaming pipe
compress compression gzip deflate zlib
crypto encryption encrypt cipher tls ssl
hash digest checksum
random rng
string str text
number num numeric integer int float
array list vector sequence slice
map dict dictionary hash table
iterate iteration loop each traverse walk
compare comparison equal equality
convert conversion transform cast map
merge combine join concat concatenate
split partition chunk
sort order
find search lookup locate
format formatting formatter print pretty
date time datetime timestamp clock duration
file fs filesystem
network net socket tcp
server serve listen
client
proxy
redirect redirection
upload multipart form
header headers
status code
body payload content
json
plugin extension addon module
dependency injection inject inversion container provider
middleware pipeline chain stack
inherit inheritance extend subclass
visibility hidden public private
schedule scheduler scheduling task job worker executor
pool pooling
limit throttle rate
close shutdown stop terminate cleanup dispose teardown
open connect
wrap wrapper adapter decorator
register registration registry
resolve resolver resolution
generate generator generation codegen
completion autocomplete complete
keymap keybinding mapping bind
highlight color colour theme
install installer setup
version release
migrate migration
transaction commit rollback
assert assertion expect
mock stub fake
snapshot
lazy deferred defer
memory alloc allocator allocation heap arena
copy clone
immutable readonly frozen
nullable null nil none optional maybe option
generic template
macro derive
enum enumeration
field property attribute member
method function func procedure
i18n localization locale translation
websocket ws
background work task
operator op
compose composition
`;
