/** Foreign text made fit to be shown: without characters that steer the direction or break the line. */

// C0, C1 and DEL, line separators, and the marks that turn the direction of text: as `safe_text.py` has them.
// eslint-disable-next-line no-control-regex
const STEERING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** One line of text with control and direction characters escaped. */
export function plainText(text: string): string {
  return text.replace(STEERING, char => {
    if ('\n\r\t'.includes(char)) {
      return ' ';
    }
    const code = char.charCodeAt(0);
    const hex = code.toString(16);
    return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
  });
}
