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
  async search({ path }) {
    const stores = ai.fileSearchStores;
    const store = await stores.create({ config: { displayName: 'lectures' } });
    let operation = await stores.uploadToFileSearchStore({
      fileSearchStoreName: store.name,
      file: path,
      config: { displayName: 'notes', mimeType: 'text/plain' },
    });
    while (!operation.done) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      operation = await ai.operations.get({ operation });
    }
    const documents = [];
    for await (const document of await stores.documents.list({ parent: store.name })) {
      documents.push(document);
    }
    const shown = await stores.get({ name: store.name });
    await stores.delete({ name: store.name, config: { force: true } });
    const left = [];
    for await (const item of await stores.list()) {
      left.push(item.name);
    }
    return { store, operation, documents, shown, left };
  },
});
