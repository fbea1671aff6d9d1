# What the reference has: no key, and a name in quotes with its folder twice.
name=$(jq ".file.name" file_info.json)
curl https://generativelanguage.googleapis.com/v1beta/files/$name > file_info.json
name=$(jq ".file.name" file_info.json)
echo name=$name
curl --request "DELETE" https://generativelanguage.googleapis.com/v1beta/files/$name?key=$GEMINI_API_KEY
