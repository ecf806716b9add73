/**
 * Lines for the backports of a release, from the lines of an apt sources.list that name its main suite: whatever
 * mirror the root came from serves them too.
 */
export function backportsLines(sourcesList: string, suite: string): string[] {
  return sourcesList.split('\n').flatMap((line) => {
    const match = /^(deb\s+(?:\[[^\]]*\]\s+)?\S+\s+)(\S+)(\s+.*)$/.exec(line.trim());
    return match && match[2] === suite ? [`${match[1]}${suite}-backports${match[3]}`] : [];
  });
}
