# An image in the question itself, as in the guide: a comma too much behind the last part.
curl "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent" \
-H "x-goog-api-key: $GEMINI_API_KEY" \
-H 'Content-Type: application/json' \
-X POST \
-d '{
    "contents": [{
    "parts":[
        {
            "inline_data": {
            "mime_type":"image/jpeg",
            "data": "'"$(base64 < "${IMAGE_PATH}" | tr -d "\n")"'"
            }
        },
        {"text": "What is in this image?"},
    ]
    }]
}' 2> /dev/null > response.json

jq ".candidates[].content.parts[].text" response.json
