public import ArgumentParser
import MetricLearning
public import Pipeline

/// What the head is.
struct HeadFormOptions: ParsableArguments {
    @Option(
        name: .customLong("output-dim"),
        help: """
            The length of an embedding, such as 512; that of the features where these are kept, see --keep-trained. Required, \
            unless there is --continue-from.
            """)
    var outputDimension: Int?

    @Option(
        name: .customLong("head"), help: "residual: layers that correct a whitening projection; plain: layers alone.")
    var kind = HeadKind.residual

    @Option(help: "The number of linear layers, 0 for the projection alone.")
    var layers = 3

    @Option(help: "The width of hidden layers. [default: the features']")
    var width: Int?

    @Option(help: "The part of hidden activations that is set to 0 in training.")
    var dropout: Float = 0

    @Flag(help: "Give linear layers a bias.")
    var bias = false

    @Flag(name: .customLong("no-output-norm"), help: "No batch normalization behind the last layer.")
    var omitsOutputNormalization = false

    @Option(help: "How much of the layers' output a residual head adds to the projection.")
    var residualWeight: Float = 1

    @Option(
        help: """
            How much the within-class covariance is shrunk before whitening, above 0 and up to 1. [default: the best of 0.3, \
            0.5, 0.7 and 0.9 on held-out pictures]
            """)
    var shrinkage: Double?

    @Option(
        help: ArgumentHelp(
            """
            The head to go on from: a name, or a head.safetensors file of the same space. Its form stays; of the options here \
            only --dropout counts. Optimizers and schedules begin anew. Keep its --seed and --validation: else pictures that \
            it was trained on may judge it.
            """, valueName: "head"))
    var continueFrom: String?

    func validate() throws {
        if let outputDimension, !(1...65_536).contains(outputDimension) {
            throw ValidationError("--output-dim must be from 1 to 65536.")
        }
        guard (0...32).contains(layers) else { throw ValidationError("--layers must be from 0 to 32.") }
        guard layers > 0 || kind == .residual else { throw ValidationError("--layers 0 is for --head residual.") }
        if let width, !(1...65_536).contains(width) { throw ValidationError("--width must be from 1 to 65536.") }
        guard dropout >= 0, dropout <= 0.95 else { throw ValidationError("--dropout must be from 0 to 0.95.") }
        guard residualWeight > 0, residualWeight <= 1000 else {
            throw ValidationError("--residual-weight must be above 0 and at most 1000.")
        }
        if let shrinkage, !(shrinkage > 0 && shrinkage <= 1) {
            throw ValidationError("--shrinkage must be above 0 and at most 1.")
        }
    }

    func apply(to settings: inout HeadTrainer.Settings) {
        settings.head = kind
        settings.architecture.layers = layers
        settings.architecture.width = width
        settings.architecture.dropout = dropout
        settings.architecture.hasBias = bias
        settings.architecture.normalizesOutput = !omitsOutputNormalization
        settings.residualWeight = residualWeight
        settings.shrinkage = shrinkage
    }
}

extension HeadKind: ExpressibleByArgument {}
