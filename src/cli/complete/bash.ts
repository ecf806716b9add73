/** https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html */
export const BASH_SCRIPT = String.raw`# bash completion for devbox: source <(devbox completion bash)
_devbox() {
  local words=() word last glued line directive= break_prefix
  # bash divides words at = and : too. Put them together again.
  for word in "${'$'}{COMP_WORDS[@]:1:COMP_CWORD}"; do
    last=$((${'$'}{#words[@]} - 1))
    if ((last >= 0)) && [[ $word == [=:]* || $glued == 1 ]]; then
      words[last]+=$word
    else
      words+=("$word")
    fi
    if [[ $word == *[=:] ]]; then glued=1; else glued=0; fi
  done
  last=${'$'}{words[${'$'}{#words[@]} - 1]}
  break_prefix=${'$'}{last%"${'$'}{last##*[=:]}"}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) directive=$line ;;
      *) line=${'$'}{line%%$'\t'*} COMPREPLY+=("${'$'}{line#"$break_prefix"}") ;;
    esac
  done < <("${'$'}{COMP_WORDS[0]/#\~/$HOME}" __complete -- "${'$'}{words[@]}" 2>/dev/null)
  case $directive in
    :file) compopt -o default -o bashdefault ;;
    :directory) compopt -o dirnames -o nospace ;;
  esac
}
complete -F _devbox devbox
`;
