package io.heliograph.login.store;

import io.heliograph.login.Grant;
import io.heliograph.login.GrantStore;
import io.heliograph.login.Ticket;
import io.heliograph.login.store.LoginScripts.Step;
import io.heliograph.redis.RedisNamespace;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The grant store of all nodes, in Redis and by its clock. Grants are stored under the hashes of
 * their codes, so read access to Redis does not allow redeeming one.
 */
final class RedisGrantStore implements GrantStore {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final LoginScripts scripts;
  private final RedisNamespace names;
  private final UnreadableEntries unreadable;

  RedisGrantStore(LoginScripts scripts, RedisNamespace names, MeterRegistry meters) {
    this.unreadable = new UnreadableEntries("grant", meters);
    this.scripts = scripts;
    this.names = names;
  }

  @Override
  public boolean issue(String hash, Grant grant) {
    Instant end = grant.expiresAt();
    List<?> answer =
        scripts.run(
            Step.GRANT_ISSUE,
            key(hash),
            LoginScripts.millis(end),
            LoginScripts.millis(end.plus(Ticket.TOMBSTONE)),
            JSON.writeValueAsString(grant));
    return answer.getFirst().equals(1L);
  }

  @Override
  public Optional<Grant> redeem(String hash) {
    List<?> answer = scripts.run(Step.GRANT_REDEEM, key(hash));
    if (answer.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue((String) answer.getFirst(), Grant.class));
    } catch (JacksonException | NullPointerException e) {
      unreadable.found();
      return Optional.empty();
    }
  }

  @Override
  public Revocation revoke(String hash) {
    return Revocation.valueOf((String) scripts.run(Step.GRANT_REVOKE, key(hash)).getFirst());
  }

  /** Nothing to do: the keys expire in Redis. */
  @Override
  public void forget() {}

  private List<String> key(String hash) {
    return List.of(names.key("grant", hash));
  }
}
