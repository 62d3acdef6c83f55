package io.heliograph.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/**
 * The rules of the house for everything below one root package. The root is a parameter so that the
 * same rules can be held against a broken sample.
 */
public record PackageGraph(String root, Map<String, Set<String>> mayUse) {

  public ArchRule eachPackageUsesOnlyWhatItMay() {
    return classes()
        .that()
        .resideInAPackage(root + ".*..")
        .should(complyWith("use only what the table allows", this::forbiddenUses));
  }

  public ArchRule packagesAreAcyclic() {
    return slices().matching(root + ".(**)").should().beFreeOfCycles();
  }

  public ArchRule rootHoldsOnlyTheMainClass() {
    return classes()
        .that()
        .resideInAPackage(root)
        .and()
        .doNotHaveSimpleName("package-info")
        .should(
            complyWith(
                "be the main class",
                type ->
                    type.tryGetMethod("main", String[].class).isPresent()
                        ? Stream.empty()
                        : Stream.of(type.getSimpleName() + " is no main class")));
  }

  public ArchRule packagesAreNullMarked() {
    return classes()
        .should(
            complyWith(
                "live in a package that is null-marked",
                type ->
                    type.getPackage().isAnnotatedWith(NullMarked.class)
                        ? Stream.empty()
                        : Stream.of(type.getPackageName() + " has no @NullMarked package-info")));
  }

  public ArchRule namesSayTheRole() {
    return noClasses()
        .should()
        .haveNameMatching(".*(Impl|Manager|Helper|Utils?)(\\$.*)?")
        .because("a name says what a thing does in the journey of a message");
  }

  private Stream<String> forbiddenUses(JavaClass type) {
    var from = below(type.getPackageName());
    var allowed = mayUse.get(from);
    if (allowed == null) {
      return Stream.of(from + " has no line in the table of what may use what");
    }
    return type.getDirectDependenciesFromSelf().stream()
        .map(dependency -> dependency.getTargetClass().getBaseComponentType())
        .filter(target -> target.getPackageName().startsWith(root))
        .filter(target -> !target.getPackageName().equals(type.getPackageName()))
        .filter(target -> !allowed.contains(below(target.getPackageName())))
        .filter(target -> !allowed.contains(below(target.getName())))
        .map(
            target ->
                "%s may not use %s, but %s does"
                    .formatted(from, below(target.getName()), type.getSimpleName()))
        .distinct();
  }

  /** The part of a package's or type's name that the table speaks of; the root is empty. */
  private String below(String name) {
    return name.equals(root) ? "" : name.substring(root.length() + 1);
  }

  private static ArchCondition<JavaClass> complyWith(
      String description, Function<JavaClass, Stream<String>> complaints) {
    return new ArchCondition<>(description) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        complaints
            .apply(type)
            .forEach(complaint -> events.add(SimpleConditionEvent.violated(type, complaint)));
      }
    };
  }
}
