public import ArgumentParser
public import MetricLearning
import Pipeline

/// How pictures become batches.
struct BatchOptions: ParsableArguments {
    @Option(help: "How often the training pictures are gone through at most.")
    var epochs = 20

    @Option(help: "Pictures a step; reduced where there are too few classes.")
    var batchSize = 128

    @Option(help: "Pictures of one class in a batch.")
    var itemsPerClass = 4

    @Option(
        help: """
            How batches are drawn: class: several pictures of each class in it; random: as they come; auto: class for losses \
            over pairs, random for losses with weights for classes.
            """)
    var sampler = SamplerChoice.auto

    @Option(
        help:
            "How many of the views that build --views stored are trained on, one of them a picture and epoch. [default: all]"
    )
    var views: Int?

    @Option(
        help: ArgumentHelp(
            """
            Train on pairs instead of labels: a .csv or .tsv table with two pictures a row, those that are linked being a class; \
            or two pictures and how alike they are, -1 to 1, for CosineSimilarityLoss.
            """, valueName: "file"), completion: .file(extensions: ["csv", "tsv"]))
    var pairs: String?

    @Option(help: "Decides initial weights, held-out pictures and batches: the same seed gives the same head.")
    var seed: UInt64 = 0

    func validate() throws {
        guard views ?? 1 >= 1 else { throw ValidationError("--views must be positive.") }
        guard (0...1_000_000_000).contains(epochs) else {
            throw ValidationError("--epochs must be from 0 to 1000000000.")
        }
        guard itemsPerClass >= 2 else {
            throw ValidationError("--items-per-class must be at least 2, so that an anchor has a positive.")
        }
        guard itemsPerClass <= batchSize / 2 else {
            throw ValidationError("--batch-size must be at least twice --items-per-class.")
        }
    }

    func apply(to settings: inout HeadTrainer.Settings) {
        settings.epochs = epochs
        settings.batchSize = batchSize
        settings.itemsPerClass = itemsPerClass
        settings.sampler = sampler
        settings.seed = seed
    }
}

extension SamplerChoice: ExpressibleByArgument {}
