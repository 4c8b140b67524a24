package io.octet.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Times several ways to do the same in turns, so that whatever else the machine does falls on all
/// of them alike. Each runs a few times in a row (in single turns they would drive each other's
/// weights out of the cache), and a round counts as its fastest run.
final class Race {
  private final int rounds;
  private final int runsPerRound;

  /// @param rounds how often each has its turn
  /// @param runsPerRound runs in a row; one more before them is not counted
  Race(int rounds, int runsPerRound) {
    this.rounds = rounds;
    this.runsPerRound = runsPerRound;
  }

  /// What came out.
  ///
  /// @param millis for each name its time in every round
  record Result(Map<String, double[]> millis) {
    /// The median over the rounds.
    double millis(String name) {
      return median(millis.get(name).clone());
    }

    /// The median over the rounds of the quotient of two times of the same round.
    double ratio(String name, String to) {
      double[] quotients = millis.get(name).clone();
      for (int i = 0; i < quotients.length; i++) {
        quotients[i] /= millis.get(to)[i];
      }
      return median(quotients);
    }

    private static double median(double[] values) {
      Arrays.sort(values);
      int half = values.length / 2;
      return values.length % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
    }
  }

  /// Runs all of them.
  Result run(Map<String, Runnable> racers) {
    Map<String, double[]> millis = new LinkedHashMap<>();
    racers.keySet().forEach(name -> millis.put(name, new double[rounds]));
    for (int round = 0; round < rounds; round++) {
      List<String> names = List.copyOf(millis.keySet());
      for (String name : round % 2 == 0 ? names : names.reversed()) {
        millis.get(name)[round] = fastest(racers.get(name));
      }
    }
    return new Result(millis);
  }

  private double fastest(Runnable racer) {
    racer.run();
    long least = Long.MAX_VALUE;
    for (int run = 0; run < runsPerRound; run++) {
      long start = System.nanoTime();
      racer.run();
      least = Math.min(least, System.nanoTime() - start);
    }
    return least / 1e6;
  }
}
