// @google/genai
import { readFile } from 'node:fs/promises';
import { GoogleGenAI, createPartFromUri, createUserContent } from '@google/genai';
import { address, answerLines, key, model } from './lines.mjs';

const ai = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: address } });
const prompt = ({ uri, mime_type: type, text }) => ({
  model,
  contents: createUserContent([createPartFromUri(uri, type), text]),
});

await answerLines({
  async upload({ path, mime_type: mimeType, display_name: displayName, is_stream: isBlob }) {
    const file = isBlob ? new Blob([await readFile(path)], { type: mimeType }) : path;
    return ai.files.upload({ file, config: { mimeType, displayName } });
  },
  get: ({ name }) => ai.files.get({ name }),
  async list({ page_size: pageSize }) {
    const names = [];
    for await (const file of await ai.files.list({ config: { pageSize } })) {
      names.push(file.name);
    }
    return names;
  },
  async delete({ name }) {
    await ai.files.delete({ name });
  },
  async ask(given) {
    return (await ai.models.generateContent(prompt(given))).text;
  },
  async stream(given) {
    const pieces = [];
    for await (const piece of await ai.models.generateContentStream(prompt(given))) {
      pieces.push(piece.text ?? '');
    }
    return pieces;
  },
});
