// @google/genai asks through interactions, as the guide does
import { GoogleGenAI } from '@google/genai';
import { address, answerLines, key, model } from './lines.mjs';

const ai = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: address } });
const question = ({ type, uri, mime_type: mimeType, text, previous_id: previousId }) => ({
  model,
  input: uri ? [{ type: 'text', text }, { type, uri, mime_type: mimeType }] : text,
  ...(previousId && { previous_interaction_id: previousId }),
});

await answerLines({
  async upload({ path, mime_type: mimeType, display_name: displayName }) {
    return ai.files.upload({ file: path, config: { mimeType, displayName } });
  },
  create: given => ai.interactions.create(question(given)),
  async stream(given) {
    const events = [];
    for await (const event of await ai.interactions.create({ ...question(given), stream: true })) {
      events.push(event);
    }
    return events;
  },
  get: ({ id }) => ai.interactions.get(id),
  async delete({ id }) {
    await ai.interactions.delete(id);
  },
});
