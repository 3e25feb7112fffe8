/// The seconds from `start` until now.
public func elapsed(since start: ContinuousClock.Instant) -> Double { (ContinuousClock.now - start) / .seconds(1) }

/// Prints a name and a number, a line that the benchmark's other side reads.
public func report(_ name: String, _ number: Double) { print(name, number) }
