import FeatureStorage
import MetricLearning
import Retrieval
import Tensors

/// The projection that a residual head begins with: within-class whitening where labels allow it, else a principal component
/// analysis.
struct WhiteningStart {
    /// The projection.
    let shortcut: Shortcut
    /// The shrinkage of the whitening; nil for a principal component analysis.
    let shrinkage: Double?

    /// Fits the projection to the training rows of `plan`. Where no shrinkage is given, the one whose whitened features find
    /// held-out pictures best is chosen, the largest of equals. `announce` is told where labels allow no whitening.
    init(
        _ plan: TrainingPlan, _ judge: HeldOutJudge, _ settings: HeadTrainer.Settings, announce: (String) -> Void
    ) throws {
        let scatter = try Self.scatter(plan)
        guard scatter.pairedCount > 0 else {
            announce("no class has two pictures: the head begins with a principal component analysis")
            shortcut = try PrincipalProjection.projection(scatter, dimension: settings.outputDimension)
                .with(residualWeight: settings.residualWeight)
            shrinkage = nil
            return
        }
        let whitening = try WithinClassWhitening(scatter)
        let chosen = try settings.shrinkage ?? Self.best(whitening, judge)
        shortcut = try whitening.projection(shrinkage: chosen, dimension: settings.outputDimension)
            .with(residualWeight: settings.residualWeight)
        shrinkage = chosen
    }

    private static func scatter(_ plan: TrainingPlan) throws -> FeatureScatter {
        let dataset = plan.dataset
        var scatter = FeatureScatter(dimension: dataset.space.dimension, classes: dataset.classNames.count)
        for rows in plan.blocks() {
            let features = try dataset.features(of: rows, threads: plan.threads)
            scatter.add(features, labels: dataset.labels(of: rows))
        }
        return scatter
    }

    private static func best(_ whitening: WithinClassWhitening, _ judge: HeldOutJudge) throws -> Double {
        guard let heldOut = try judge.features() else { return WithinClassWhitening.defaultShrinkage }
        let coordinates = whitening.coordinates(of: heldOut)
        let tried = try WithinClassWhitening.shrinkages.reversed().map { shrinkage in
            let whitened = whitening.whitened(coordinates, shrinkage: shrinkage)
            return (shrinkage, try judge.metrics(of: whitened).meanAveragePrecisionAtR)
        }
        return tried.dropFirst().reduce(tried[0]) { $1.1 > $0.1 ? $1 : $0 }.0
    }
}

extension TrainingPlan {
    /// All training rows in blocks that fit into memory: one where all do, else the rows of some chunks each.
    fileprivate func blocks() -> [[Int]] {
        guard let limit = residence.chunksPerPool else { return [training] }
        return chunkBlocks(of: limit)
    }
}
