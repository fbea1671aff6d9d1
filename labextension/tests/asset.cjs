/** Stands for pictures and style sheets. */
module.exports = '<svg></svg>';
