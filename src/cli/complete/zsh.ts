/** https://zsh.sourceforge.io/Doc/Release/Completion-System.html */
export const ZSH_SCRIPT = String.raw`#compdef devbox
# zsh completion for devbox: source <(devbox completion zsh), after compinit
_devbox() {
  local -a lines values
  local line program=${'$'}{~words[1]}
  lines=("${'$'}{(@f)$("$program" __complete -- "${'$'}{(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "${'$'}{(@)lines[1,-2]}"; do
    values+=("${'$'}{${'$'}{line%%$'\t'*}//:/\\:}:${'$'}{line#*$'\t'}")
  done
  (( $#values )) && _describe -V devbox values
  case ${'$'}{lines[-1]} in
    :file) compset -P '--*='; _files ;;
    :directory) compset -P '--*='; _files -/ ;;
  esac
}
if [[ $funcstack[1] == _devbox ]]; then
  _devbox "$@"
else
  compdef _devbox devbox
fi
`;
