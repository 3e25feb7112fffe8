/// The form of a head's trainable layers: linear layers, each followed by batch normalization, and by ReLU where another
/// follows. The defaults are Finetuner's projection head with the three layers of its documentation.
public struct HeadArchitecture: Sendable, Hashable, Codable {
    /// The number of linear layers; 0 for none.
    public var layers = 3
    /// The width of the hidden layers; nil for that of the features.
    public var width: Int?
    /// The probability with which a hidden activation is set to 0 in training, and the others raised to keep the mean
    /// (Srivastava et al. 2014, in the form of `torch.nn.Dropout`).
    public var dropout: Float = 0
    /// Whether batch normalization follows the last layer.
    public var normalizesOutput = true
    /// Whether linear layers have a bias.
    public var hasBias = false

    /// The default.
    public init() {}

    /// The output width of every layer of a head between the given dimensions.
    func widths(_ input: Int, _ output: Int) -> [Int] {
        layers == 0 ? [] : [Int](repeating: width ?? input, count: layers - 1) + [output]
    }
}
