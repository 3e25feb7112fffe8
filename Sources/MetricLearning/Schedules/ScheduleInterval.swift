/// When a schedule makes a step.
public enum ScheduleInterval: String, Sendable, Codable, CaseIterable {
    /// Every batch is a step, from 0 through the whole run.
    case batch
    /// Every epoch is a step: all of its batches have one rate. With warm-up, that of epoch 0 is 0.
    case epoch

    /// How many steps a run has.
    public func totalSteps(epochs: Int, batchesPerEpoch: Int) -> Int {
        self == .batch ? epochs * batchesPerEpoch : epochs
    }

    /// The step, from 0, to which a batch belongs; `batch` counts from 0 within its epoch, `epoch` from 0.
    public func step(epoch: Int, batch: Int, batchesPerEpoch: Int) -> Int {
        self == .batch ? epoch * batchesPerEpoch + batch : epoch
    }
}
