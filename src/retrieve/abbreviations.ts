/**
 * Short forms that programmers write and the words they stand for: a line is a group, the short forms first. Any word of
 * a group finds the others in texts (expand.ts); file names have synonyms.ts. Hand-made for this project.
 */
export const abbreviationGroups = `
auth authentication authorization
cfg conf config configuration
db database
ctx context
impl implementation
repo repository
msg message
req request
res resp response
err error
init initialize initialization
dir directory
env environment
param parameter
arg argument
attr attribute
prop property
conn connection
stmt statement
expr expression
func fn function
var variable
str string
num number
int integer
char character
bool boolean
obj object
ref reference
ptr pointer
addr address
buf buffer
len length
idx index
tmp temp temporary
src source
dst dest destination
prev previous
cur curr current
max maximum
min minimum
avg average
calc calculate
util utility
lib library
pkg package
mod module
doc documentation
spec specification
sync synchronize
async asynchronous
exec execute execution
cmd command
opt option
info information
id identifier
pwd passwd password
cert certificate
sig signature
seq sequence
alloc allocate allocation
dealloc deallocate
mem memory
proc process procedure
sem semaphore
evt event
cb callback
ws websocket
tx txn transaction
admin administrator
app application
btn button
img image
perm permission
mgr manager
svc service
k8s kubernetes
i18n internationalization
l10n localization
regex regexp
eval evaluate evaluation
gen generate generator
iter iterate iterator
sub subscribe subscription
pub publish
deps dependencies
dev development
prod production
esc escape
fmt format
hdr header
`;
