import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Joins a JavaScript module and the modules that it imports into one file, so that a page needs one
 * request. Needs no Node.
 *
 * <p>Supports only the module syntax that the client uses, and refuses any other: imports of names
 * from relative paths, each on its own line, and exported declarations. Top-level names must be
 * unique across modules.
 */
class Bundle {

  private static final Pattern IMPORT =
      Pattern.compile("^import \\{[\\w, ]+} from '(\\.{1,2}/[\\w./-]+)';\\n", Pattern.MULTILINE);
  private static final Pattern ONLY_FOR_TYPES =
      Pattern.compile(
          "^(?:// @ts-check|/\\*\\* @typedef \\{import\\(.*\\*/)\\n", Pattern.MULTILINE);
  private static final Pattern EXPORT =
      Pattern.compile(
          "^export (?=(?:const|class|async function\\*?|function) )", Pattern.MULTILINE);
  private static final Pattern UNKNOWN =
      Pattern.compile("^(?:import|export)\\b.*", Pattern.MULTILINE);
  private static final Pattern DECLARED =
      Pattern.compile(
          "^(?:export )?(?:const|let|class|async function\\*?|function) (\\w+)", Pattern.MULTILINE);

  private final Set<Path> modules = new LinkedHashSet<>();
  private final Map<String, Path> declared = new HashMap<>();

  private Bundle() {}

  static String of(Path entry) throws IOException {
    return new Bundle().join(entry);
  }

  private String join(Path entry) throws IOException {
    add(entry);
    modules.remove(entry);
    // The entry's first comment comes first, because it describes the file.
    String last = withoutImports(read(entry));
    int head = last.indexOf("*/\n") + 3;
    List<String> parts = new ArrayList<>(List.of(last.substring(0, head)));
    for (Path module : modules) {
      parts.add(withoutExports(module, withoutImports(read(module))));
    }
    parts.add(last.substring(head).stripLeading());
    return String.join("\n", parts);
  }

  /** Depth first, so that imported modules precede the module. */
  private void add(Path module) throws IOException {
    String source = read(module);
    for (var found : IMPORT.matcher(source).results().toList()) {
      Path imported = module.resolveSibling(found.group(1)).normalize();
      if (!modules.contains(imported)) {
        add(imported);
      }
    }
    if (!modules.add(module)) {
      throw new IllegalStateException(module + " is part of a cycle of imports");
    }
    for (var found : DECLARED.matcher(source).results().toList()) {
      Path other = declared.put(found.group(1), module);
      if (other != null) {
        throw new IllegalStateException(
            found.group(1) + " is declared in " + other + " and in " + module);
      }
    }
  }

  private static String withoutImports(String source) {
    return ONLY_FOR_TYPES.matcher(IMPORT.matcher(source).replaceAll("")).replaceAll("");
  }

  private static String withoutExports(Path module, String body) {
    String plain = EXPORT.matcher(body).replaceAll("");
    var unknown = UNKNOWN.matcher(plain);
    if (unknown.find()) {
      throw new IllegalStateException(
          module
              + ": write this as an import of names from a relative path, or as an exported"
              + " declaration: "
              + unknown.group());
    }
    return plain;
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, UTF_8);
  }
}
