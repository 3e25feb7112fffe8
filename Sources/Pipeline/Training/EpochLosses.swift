/// The losses of steps, averaged by epoch.
struct EpochLosses: Sendable, Codable {
    /// The mean of each epoch so far.
    private(set) var means: [Float] = []
    private var sum: Double = 0
    private var steps = 0

    /// Adds the loss of a step and returns the mean of its epoch so far. Epochs come one after the other from 0.
    mutating func add(_ loss: Float, epoch: Int) -> Float {
        if epoch == means.count {
            means.append(0)
            (sum, steps) = (0, 0)
        }
        precondition(epoch == means.count - 1, "a step of epoch \(epoch) after epoch \(means.count - 1)")
        sum += Double(loss)
        steps += 1
        means[epoch] = Float(sum / Double(steps))
        return means[epoch]
    }
}
