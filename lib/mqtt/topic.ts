/** Topic filters (4.7). */

/**
 * Whether a topic name matches a filter: `+` stands for one level, `#` for all that follow, the parent included
 * [MQTT-4.7.1-2]; neither of them at the start matches a topic that begins with `$` [MQTT-4.7.2-1].
 */
export const matches = (filter: string, topic: string): boolean => {
  let f = 0;
  let t = 0;
  if (topic.charCodeAt(0) === 36 && filter.charCodeAt(0) !== 36) {
    return false;
  }
  while (f < filter.length) {
    const c = filter.charCodeAt(f);
    if (c === 35) {
      return true;
    }
    if (c === 43) {
      while (t < topic.length && topic.charCodeAt(t) !== 47) {
        t++;
      }
    } else {
      if (c !== topic.charCodeAt(t)) {
        return t === topic.length && filter.substring(f) === "/#";
      }
      t++;
    }
    f++;
  }
  return t === topic.length;
};
