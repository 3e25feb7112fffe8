import Tensors

extension ModelGraph {
    /// What networks from ONNX files are called.
    static let onnxArchitecture = "ONNX graph"

    /// The network of an ONNX file for pictures of one size. With `isPartial`, a network that goes on with operators that are
    /// not supported ends before them; else they are an error.
    init(_ file: ONNXFile, input: ONNXInput, isPartial: Bool) throws {
        var imported = try ONNXImport(file, input: input)
        guard let name = file.outputs.first?.name else { throw InputError("network", "has no output") }
        let output: String
        do { output = try imported.output(name) } catch {
            guard isPartial, let last = imported.layers.last else { throw error }
            output = last.name
        }
        guard let position = imported.layers.firstIndex(where: { $0.name == output }) else {
            throw InputError("network", "gives back the picture", remedy: "The file has no layers.")
        }
        var needed: Set<String> = [output]
        var layers: [Layer] = []
        for layer in imported.layers[...position].reversed() where isPartial || needed.contains(layer.name) {
            needed.formUnion(layer.inputs)
            layers.append(layer)
        }
        self.init(architecture: Self.onnxArchitecture, inputChannels: input.channels, layers: layers.reversed())
    }
}
