# What is known of a file; file_info.json is the answer to its upload.
name=$(jq -r ".file.name" file_info.json)
curl https://generativelanguage.googleapis.com/v1beta/$name \
  -H "x-goog-api-key: $GEMINI_API_KEY" > file_info.json
name=$(jq -r ".name" file_info.json)
echo name=$name
file_uri=$(jq -r ".uri" file_info.json)
echo file_uri=$file_uri
