import FeatureStorage
import MetricLearning
import Retrieval
import Tensors

/// The head that a training begins with.
struct TrainingStart {
    /// The head.
    let head: ProjectionHead
    /// The shrinkage of its whitening projection; nil where none was fitted.
    let shrinkage: Double?
    /// Whether it was trained before.
    let isTrained: Bool
    /// Retrieval with its projection alone; nil for a plain head, and without held-out pictures.
    let projection: RetrievalMetrics?
    /// The same with the whole head.
    let metrics: RetrievalMetrics?

    /// A fresh head of the form that `settings` describe, a residual one on a projection that is fitted here; or the numbers of
    /// `earlier`. Throws `InputError` where that does not fit the features or the settings, or has nothing to train.
    init(
        _ plan: TrainingPlan, _ judge: HeldOutJudge, _ settings: HeadTrainer.Settings,
        continuing earlier: ProjectionHead?,
        announce: (String) -> Void
    ) throws {
        let dimension = plan.dataset.space.dimension
        if let earlier {
            try Self.check(earlier, inputDimension: dimension, settings)
            head = earlier.fresh(dropout: settings.architecture.dropout, seed: settings.seed)
            shrinkage = nil
        } else {
            let whitening =
                settings.head == .residual ? try WhiteningStart(plan, judge, settings, announce: announce) : nil
            head = ProjectionHead(
                inputDimension: dimension, outputDimension: settings.outputDimension,
                architecture: settings.architecture, shortcut: whitening?.shortcut, seed: settings.seed)
            shrinkage = whitening?.shrinkage
        }
        isTrained = earlier != nil
        projection = head.shortcut == nil ? nil : try judge.metrics(head.withoutLayers)
        // The layers of a fresh head begin with 0 behind a projection, and say nothing without one.
        metrics = isTrained ? try judge.metrics(head) : projection
    }

    private static func check(
        _ head: ProjectionHead, inputDimension: Int, _ settings: HeadTrainer.Settings
    ) throws {
        guard head.inputDimension == inputDimension, head.outputDimension == settings.outputDimension else {
            throw InputError(
                "the head to go on from",
                "leads from \(head.inputDimension) to \(head.outputDimension) dimensions, not from \(inputDimension) to \(settings.outputDimension)",
                remedy: "Give --output-dim \(head.outputDimension), or train without --continue-from.")
        }
        guard head.layerCount > 0 else {
            throw InputError(
                "the head to go on from", "has no layers that could be trained",
                remedy: "Train without --continue-from.")
        }
    }
}

extension ProjectionHead {
    /// The same numbers in a head to be trained with `dropout`.
    fileprivate func fresh(dropout: Float, seed: UInt64) -> ProjectionHead {
        var architecture = architecture
        architecture.dropout = dropout
        return ProjectionHead(
            inputDimension: inputDimension, outputDimension: outputDimension, architecture: architecture,
            shortcut: shortcut, seed: seed
        ).taking(numbersOf: self)
    }
}
