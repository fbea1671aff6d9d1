# A second question: the first answer is in response.json.
curl -X POST "https://generativelanguage.googleapis.com/v1beta/interactions?key=$GEMINI_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "model": "gemini-3.8-flash",
    "input": "And now?",
    "previous_interaction_id": "'$(jq -r ".id" response.json)'"
  }' 2> /dev/null > response.json

jq -r ".steps[-1].content[0].text" response.json
