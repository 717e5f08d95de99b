/**
 * Medians and means over rounds, and how they are printed.
 * Ratios are averaged as logarithms, so that twice as fast and half as fast make 1.
 */

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function geoMean(values) {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

export const sum = (values) => values.reduce((total, value) => total + value, 0);

export const fixed = (value, digits = 2) => value.toFixed(digits);

export const thousands = (value) => Math.round(value).toLocaleString('en-US');
