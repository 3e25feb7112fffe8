import ArgumentParser
import Foundation
import ImageInput
import ModelGraph
import Pipeline
import Tensors

struct Layers: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List a network's layers: what they give, and where it can be cut.",
        discussion: """
            Everything up to the cut is frozen and its result cached; what follows is removed, and a head takes its place. \
            Any layer's name, its number or a module's name such as layer3 can be given to --cut.
            """)

    @Argument(help: "A model of 'finetuner-cache models', or an .onnx, .safetensors or .pth file.", completion: .file())
    var model: String

    @Option(
        name: [.customLong("cut"), .customLong("freeze-to")],
        help: ArgumentHelp(
            "Show what a build with this --cut would freeze. [default: the layer before the classifier]",
            valueName: "layer"))
    var cut: String?

    @Option(
        help: ArgumentHelp(
            "The input size to show shapes for: N or HxW. [default: the file's own, else 224]", valueName: "size"))
    var inputSize: InputSize?

    @Option(help: "How an ONNX network takes a picture's values: nchw or nhwc.")
    var layout: InputLayout?

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
        let (graph, size) = try network()
        let layers = try Tailor(graph).layers(height: size.height, width: size.width, cut: cut)
        if json { return try JSONOutput.print(Answer(model, size, layers)) }
        var table = TextTable([
            ("#", .right), ("name", .left), ("type", .left), ("output", .left), ("parameters", .right),
            ("dense", .left),
            ("embedding", .left), ("state", .left),
        ])
        for layer in layers {
            table.add([
                "\(layer.index)", layer.name, layer.type, layer.outputShape.map(String.init).joined(separator: "x"),
                "\(layer.parameterCount)", layer.isDense ? "yes" : "", layer.isEmbeddingCandidate ? "yes" : "",
                layer.isFrozen ? "frozen" : "removed",
            ])
        }
        print(table.text)
        let frozen = layers.filter(\.isFrozen)
        Console.note(
            """
            \(Formats.count(layers.count, "layer")), \(layers.reduce(0) { $0 + $1.parameterCount }) parameters; frozen: \
            \(frozen.count) layers, \(frozen.reduce(0) { $0 + $1.parameterCount }) parameters
            """)
    }

    private func network() throws -> (ModelGraph, InputSize) {
        let usual = InputSize(square: 224)
        guard FileManager.default.fileExists(atPath: model) else {
            return (try ModelCatalog.model(named: model).skeleton(), inputSize ?? usual)
        }
        let file = try NetworkFile(path: model)
        let own = try file.inputSize(layout: layout).flatMap { InputSize(height: $0.height, width: $0.width) }
        let size = inputSize ?? own ?? usual
        // With a cut, what cannot be imported behind it need not be.
        return (
            try file.graph(height: size.height, width: size.width, layout: layout, isPartial: cut != nil), size
        )
    }

    private struct Answer: Encodable {
        let schema = 1
        let model: String
        /// Missing where height and width differ.
        let inputSize: Int?
        let inputHeight: Int
        let inputWidth: Int
        let layers: [LayerSummary]

        init(_ model: String, _ size: InputSize, _ layers: [LayerSummary]) {
            self.model = model
            inputSize = size.height == size.width ? size.height : nil
            inputHeight = size.height
            inputWidth = size.width
            self.layers = layers
        }
    }
}
